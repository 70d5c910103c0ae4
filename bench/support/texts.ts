import { seededRandom } from "../../test/support/data/vectors.ts";

const words =
  "a about across after all also among an and another any are around as at away back be because been before began best better between both but by call came can center change children city clear cold come common company cost could country course data day decision deep detail did different do document does down each early east energy engine enough even every example experience eye fact far father feel few field find fire first five flow food for force form found four free friend from full game gave general give good government great green ground group growth had half hand hard has have he head health hear heat help her here high him history home hope hour house how human idea important in increase industry information interest into is island it its job just keep kind knowledge language large last late law layer lead learn leave less level life light like line list little local long look low machine made make many market material matter may mean measure member method might mile mind model modern moment money month more morning most mountain move much music must name nation nature near need network never new next night no north note nothing now number ocean of off often oil old on once one only open or order other our out over own paper part past pattern people perhaps period person place plan plant point policy power present pressure price problem process program project public question quick quite rain rate reach read real reason record research result rich right river road rock room run safe said same sand save say school science sea search season second section see seem sense sentence set several shape she ship short should show side simple since site situation size small so social soil some song soon sound source south space speak special speed stand star state station step still stone story street strong structure student study such summer sun support sure surface system table take talk teacher technology tell temperature ten test than that the their them then theory there these they thing think this those thought three through time to today together too took town trade train travel tree true try turn two type under unit until up upon us use value various vector very view village voice wait walk wall want war warm was water wave way we week weight well went were west what when where which while white who whole why wide will wind winter with within without woman word work world would write year yet you young your".split(
    " ",
  );

/** English words in sentences of 5 to 60 words, the same for the same seed, and all different. */
export function generateTexts(count: number, seed = 20_261_123): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const length = 5 + Math.floor(random() * 56);
    const sentence = Array.from({ length }, () => words[Math.floor(random() * words.length)] ?? "").join(" ");
    return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
  });
}
