/* One stage of one cart, and its person. `docs/model/check` runs it and its broken variants.
 *
 * A worker reads the cart and the person, decides, and reserves in a write that is conditional on both
 * versions. A sweeper looks at reservations that ran out: their worker is dead (the Lambda time-out) and
 * every event that will come has come (the evidence wait). Evidence settles the stage in any phase.
 *
 * PRESUME    presume the mail sent instead of sending again
 * LOSSY      the provider's event may be lost: the corner that no protocol closes
 * Broken on purpose:
 * SDKRETRY   the mail client repeats a request whose answer was lost
 * SILENCE    a lost answer counts as a refusal
 * LEASE      nobody waits for evidence
 * NOFENCE    the sweeper does not wait for the worker's end
 * NOVERSION  the reservation is not conditional on the cart
 * NOCONTACT  the reservation is not conditional on the person
 * NOLISTING  reservations leave the index, so that nobody sweeps them
 * NOEVIDENCE the provider's events are dropped
 */
#define MAX_FAULTS 2
#define MAX_RESENDS 2

#ifdef NOVERSION
#define CART_UNCHANGED true
#else
#define CART_UNCHANGED (cart_version == seen_cart)
#endif
#ifdef NOCONTACT
#define CONTACT_UNCHANGED true
#else
#define CONTACT_UNCHANGED (contact_version == seen_contact)
#endif
#ifdef NOFENCE
#define WORKER_DEAD true
#else
#define WORKER_DEAD (alive == 0)
#endif
#ifdef LEASE
#define EVIDENCE_IN true
#else
#define EVIDENCE_IN (coming == 0)
#endif
#ifdef NOLISTING
#define LISTED false
#else
#define LISTED true
#endif

mtype = { WAIT, SENDING, SENT, PRESUMED, SKIPPED };
mtype st = WAIT;
byte cart_version = 0, contact_version = 0;
byte owner = 0;      /* the attempt that holds the reservation */
byte attempts = 0;
byte resends = 0;
byte accepted = 0;   /* mails of this stage that left */
byte alive = 0;      /* workers between reservation and end */
byte coming = 0;     /* events on their way */
byte faults = 0;
bool stop = false;   /* an order, a stop or an erasure was acknowledged */

inline ses_accepts() {
  d_step { accepted++; coming++; assert(accepted <= 1) }
#ifdef NOEVIDENCE
  coming--
#endif
#ifdef LOSSY
  if :: coming-- :: skip fi
#endif
}

/* T3 and T5: whichever attempt it was, this stage is done. */
inline settle_sent() {
  atomic {
    if :: st != SENT -> st = SENT; cart_version++ :: else fi
  }
}

/* T4: only the attempt that holds the reservation gives it back. */
inline settle_refused(mine) {
  atomic {
    if :: st == SENDING && owner == mine -> st = WAIT; cart_version++ :: else fi
  }
}

inline send(mine) {
  if
  :: faults < MAX_FAULTS -> faults++                      /* dies before sending */
  :: faults < MAX_FAULTS -> faults++; settle_refused(mine) /* 4xx */
  :: ses_accepts();
     if
     :: settle_sent()
     :: faults < MAX_FAULTS -> faults++;                  /* dies, or the answer is lost */
#ifdef SDKRETRY
        ses_accepts()
#endif
#ifdef SILENCE
        settle_refused(mine)
#endif
     fi
  fi;
  alive--
}

active [2] proctype worker() {
  byte mine, seen_cart, seen_contact; bool seen_stop;
end:
  do
  :: atomic { st == WAIT -> seen_cart = cart_version; mine = 0 }
     atomic { seen_contact = contact_version; seen_stop = stop }
     if
     :: seen_stop ->
        atomic { if :: cart_version == seen_cart -> st = SKIPPED; cart_version++ :: else fi }
     :: else ->
        atomic {
          if
          :: CART_UNCHANGED && CONTACT_UNCHANGED ->
             assert(!stop);
                st = SENDING; attempts++; mine = attempts; owner = mine; alive++;
                cart_version++; contact_version++
          :: else
          fi
        }
        if :: mine > 0 -> send(mine) :: else fi
     fi;
     seen_cart = 0; seen_contact = 0; seen_stop = false; mine = 0
  od
}

active proctype feedback() {
end:
  do
  :: coming > 0 -> settle_sent(); coming--
  od
}

active proctype sweeper() {
  byte seen;
end:
  do
  :: atomic { st == SENDING && WORKER_DEAD && EVIDENCE_IN && LISTED -> seen = cart_version }
     atomic {
       if
       :: cart_version == seen ->
          cart_version++;
#ifdef PRESUME
          st = PRESUMED
#else
          if
          :: resends < MAX_RESENDS -> resends++; st = WAIT
          :: else -> st = PRESUMED
          fi
#endif
       :: else
       fi
     }
     seen = 0
  od
}

active proctype buyer() {
  if :: atomic { stop = true; contact_version++ } :: skip fi
}

/* When nothing more can happen, the stage has an end, and one that says so was really sent. */
active proctype judge() {
  timeout -> assert(st != WAIT && st != SENDING && (st != SENT || accepted == 1))
}
