// What Fernweh Supply sells. Money is an integer of US cents.

const picture = (name) => `${location.origin}/assets/${name}.png`;
const page = (sku) => `${location.origin}/shop#/product/${sku}`;

export const CURRENCY = "USD";

export const PRODUCTS = [
  {
    sku: "tent-halla",
    title: "Tent “Halla” for two",
    variant: "Ochre",
    price: 38900,
    compare: null,
    picture: "tent",
    alt: "An ochre tent under a crescent moon",
    line: "Waxed cotton, two poles, one good night.",
    story: "Pitches in six minutes, even by headlamp. The cotton breathes, so you wake up dry, and it hums softly in the rain.",
  },
  {
    sku: "lantern-glimm",
    title: "Storm lantern “Glimm”",
    variant: "Signal red",
    price: 4900,
    compare: 5900,
    picture: "lantern",
    alt: "A red storm lantern glowing in the dark",
    line: "Twenty hours of light from one filling.",
    story: "The wick is as wide as a thumb and the glass is guarded by wire. It has survived our own van, twice.",
  },
  {
    sku: "pack-wanderer",
    title: "Rucksack “Wanderer” 28 l",
    variant: "Russet and spruce",
    price: 12800,
    compare: null,
    picture: "pack",
    alt: "A russet rucksack with a rolled mat on top",
    line: "Three days, if you can do with one pair of trousers.",
    story: "Canvas and leather, buckles you can work with gloves on, and a lid pocket for the map you will not look at.",
  },
  {
    sku: "blanket-heide",
    title: "Wool blanket “Heide”",
    variant: "Heather check",
    price: 9600,
    compare: null,
    picture: "blanket",
    alt: "Three folded blankets held by a leather strap",
    line: "For the bench outside, after ten.",
    story: "Woven from the wool of heath sheep, washed soft, and large enough for two who get along.",
  },
  {
    sku: "mug-morgen",
    title: "Enamel mug “Morgen”",
    variant: "Lake blue",
    price: 1800,
    compare: null,
    picture: "mug",
    alt: "A steaming blue enamel mug",
    line: "Tastes of coffee and a little of smoke.",
    story: "Steel under two coats of enamel. It will chip one day, and that will be a story too.",
  },
  {
    sku: "compass-norden",
    title: "Brass compass “Norden”",
    variant: "Brass",
    price: 3400,
    compare: null,
    picture: "compass",
    alt: "A brass compass lying on a map",
    line: "Needs no signal, no battery, no account.",
    story: "A jewelled needle in a brass case that fits the palm. North is still where it was.",
  },
];

export const SHIPPING = [
  { id: "standard", name: "Parcel", when: "three to five working days", cost: 490 },
  { id: "express", name: "Express", when: "the next working day", cost: 1290 },
];

/** What the checkout takes off the goods for a code, in percent. demo-shop.toml gives them away. */
export const CODES = { FERNWEH10: 10 };

export const findProduct = (sku) => PRODUCTS.find((product) => product.sku === sku);

/** The cart line of one piece of a product, in the words of a Cartback event. */
export function lineOf(product) {
  return {
    id: product.sku,
    title: product.title,
    variant: product.variant,
    quantity: 1,
    price: product.price,
    compare: product.compare,
    image: picture(product.picture),
    url: page(product.sku),
  };
}

/** Cents as "49.00", the way events carry money. */
export const decimal = (cents) => (cents / 100).toFixed(2);
export const dollars = (cents) => `$${(cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2 })}`;
