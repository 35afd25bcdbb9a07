//! An erasure beside other workers.

use cartback::entry::{Entry, What};
use cartback::erasure::erase_person;

use crate::desk::{Desk, run};
use crate::samples::{cart_key, contact, noon};

#[test]
fn a_line_added_just_after_its_cart_was_erased_is_deleted_too() {
    let desk = Desk::new();
    let (cart, person) = (cart_key("c1"), contact().key);
    let mut owner = desk.contact(&person);
    owner.carts = vec![cart.clone()];
    desk.put(None, Some(owner));
    let what = What::Received {
        id: "msg-1".to_owned(),
        happened_at: noon(),
        kinds: vec!["cart.updated".to_owned()],
    };
    *desk.table.late.lock().unwrap() = Some(Entry::new(&cart, noon(), what));
    let n_erased = run(erase_person(&desk.table, &person, noon())).unwrap();
    assert_eq!(n_erased, 1);
    assert!(desk.table.late.lock().unwrap().is_none(), "it was added");
    assert_eq!(desk.lines(&cart), []);
}
