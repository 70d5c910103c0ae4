import type { DocumentInput } from "arrwdb-client";

/** A topic, and texts of it as `year|title|text`. */
const texts: Readonly<Record<string, readonly string[]>> = {
  help: [
    "2024|Reset your password|Forgot your password? Choose a new one from the sign-in page; the link that we send by mail works for one hour.",
    "2024|Where is my parcel?|Follow your delivery with the number in the shipping mail. Most parcels arrive within three days.",
    "2023|Get an invoice|Every invoice can be downloaded as a PDF file from the billing page.",
    "2024|Send something back|Return what you do not like within thirty days; print the label and bring the parcel to any post office.",
    "2025|Pay by card|We take the usual credit cards, bank transfer and gift vouchers at the checkout.",
    "2023|Change your address|Write your new address into your profile before the order is packed.",
    "2025|Two-step sign-in|Protect your account with a code from your phone besides the password.",
    "2024|Cancel an order|An order can be cancelled until it has left the warehouse; the money is refunded in two days.",
    "2025|A damaged delivery|If the box arrives broken, send us a photo and we ship a replacement at once.",
    "2023|Talk to a person|Our support answers the phone on weekdays from nine to five.",
  ],
  kitchen: [
    "2019|Leek and potato soup|Soften leeks in butter, add potatoes and stock, simmer, and blend until smooth.",
    "2020|Sourdough bread|Flour, water, salt and a lively starter; fold the dough every half hour and bake it very hot.",
    "2018|Tomato sauce|Cook ripe tomatoes slowly with garlic and olive oil, and finish with basil.",
    "2021|Apple pie|Slice tart apples, toss them with cinnamon and sugar, and bake them under a buttery crust.",
    "2022|Fried rice|Use cold rice from yesterday, a very hot pan, eggs, spring onions and soy sauce.",
    "2017|Roast chicken|Salt the bird a day before, dry its skin, and roast it until the juices run clear.",
    "2021|Lentil stew|Brown lentils with carrots, cumin and a spoon of vinegar warm a cold evening.",
    "2022|Pancakes|Whisk milk, eggs and flour, rest the batter, and fry thin cakes in butter.",
    "2019|Pickled cucumbers|Pour hot vinegar with dill and mustard seeds over small cucumbers, and wait a week.",
    "2023|Chocolate mousse|Fold melted dark chocolate into whipped cream and beaten egg whites, and chill it.",
  ],
  space: [
    "1969|Landing on the Moon|Two astronauts walked on the Moon while a third one circled above in the command module.",
    "1977|Voyager leaves home|The probe flew past Jupiter and Saturn and is now between the stars, still sending data.",
    "1990|A telescope in orbit|Above the air, the Hubble telescope sees galaxies more sharply than from the ground.",
    "2021|Gold mirrors|The James Webb telescope looks at infrared light from the first galaxies with mirrors of gold and beryllium.",
    "2012|A rover on Mars|Curiosity was lowered on cables from a rocket crane and has driven through a crater ever since.",
    "2015|Past Pluto|After nine years of flight New Horizons photographed mountains of ice on the small planet.",
    "1998|A station for many|The International Space Station goes around the Earth every ninety minutes with a crew on board.",
    "2014|Landing on a comet|The lander Philae bounced twice before it came to rest in the shadow of a cliff.",
    "2016|Ripples in space|Two black holes that merged shook space itself, and detectors on Earth heard the gravitational waves.",
    "2019|A picture of a black hole|Radio telescopes all over the Earth together photographed the shadow of a black hole.",
  ],
  animals: [
    "2011|Octopus arms|Most of an octopus's nerve cells are in its arms, which taste what they touch.",
    "2014|Crows remember|Crows know the faces of people who were unkind to them, and tell their young.",
    "2009|Songs of whales|Humpback whales sing for hours, and new songs travel across the ocean from group to group.",
    "2016|Dancing bees|A bee that found flowers dances their direction and distance for the others in the hive.",
    "2018|Sleep of dolphins|Dolphins sleep with one half of the brain at a time so that they can come up to breathe.",
    "2020|Ants build bridges|Army ants hold on to each other and make bridges of their bodies over gaps.",
    "2013|Penguins keep warm|Emperor penguins stand close together in the winter storm and take turns in the middle.",
    "2017|Bats hear shapes|A bat calls in ultrasound and knows from the echo what flies before it.",
    "2021|Elephants talk low|Elephants rumble so low that people cannot hear it, over many kilometres.",
    "2012|Salmon find home|A salmon smells its way back to the stream where it hatched.",
  ],
  music: [
    "1721|Brandenburg concertos|Bach gave six concertos with ever new groups of solo instruments to a margrave.",
    "1824|Ode to Joy|Beethoven, deaf by then, put singers and a choir into the last movement of his ninth symphony.",
    "1959|Kind of Blue|Miles Davis and his band improvised over modes instead of chords, in two sessions.",
    "1967|A concept album|The Beatles recorded an album as if another band played it, with orchestras and tape loops.",
    "1874|Pictures at an exhibition|Mussorgsky walks from painting to painting at the piano.",
    "1975|A rhapsody for the radio|A rock song of six minutes with an opera in the middle became a hit for Queen.",
    "1928|Bolero|One melody, one rhythm on the snare drum, and an orchestra that grows for a quarter of an hour.",
    "1983|Synthesizers sing|Cheap digital synthesizers with the sound of electric pianos and bells shaped the pop of the decade.",
    "1725|The four seasons|Vivaldi's violins imitate birds, a barking dog, heat, hunters and ice.",
    "1964|In C|Terry Riley's players repeat short patterns, each as often as they like, over a steady pulse.",
  ],
};

/** Short texts of five topics, mixed, so that a map grows everywhere at once. */
export function sampleDocuments(): readonly DocumentInput[] {
  const topics = Object.entries(texts);
  const longest = Math.max(...topics.map(([, own]) => own.length));
  return Array.from({ length: longest }, (_, place) =>
    topics.flatMap(([topic, own]): DocumentInput[] => {
      const [year = "", title = "", text = ""] = own[place]?.split("|") ?? [];
      return text === "" ? [] : [{ title, text, topic, year: Number(year), document_type: "sample" }];
    }),
  ).flat();
}
