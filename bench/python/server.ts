// The demo's Flask service under gunicorn and load, with and without a probe whose condition is false on a line of every request, in turn, so
// that a slow moment of the machine hits both. Medians of the pairs count.
import { drive, type Load } from "../../demo/load.ts";
import { PYTHON_CART, startPythonService } from "../../demo/python.ts";
import { lineOf } from "../../demo/service.ts";
import { median, type Row } from "../measure.ts";
import { Ground } from "./agent.ts";

const WORKERS = 2;
const PROBE = {
  kind: "tracepoint",
  file: PYTHON_CART,
  line: lineOf(PYTHON_CART, "return round(net"),
  condition: "net > 1e12",
} as const;

export async function server(bench: string, quick: boolean): Promise<Row[]> {
  const ground = await Ground.open();
  const service = await startPythonService(ground.env, { preload: false, workers: WORKERS });
  try {
    // gunicorn's own process has an agent, too, and never loads the program: its probe stays pending.
    await ground.agents(WORKERS + 1);
    const seconds = quick ? 2 : 4;
    await drive(service.url, "/cart", 3);
    const without: Load[] = [];
    const withProbe: Load[] = [];
    const pairs = quick ? 5 : 9;
    for (let pair = 0; pair < pairs; pair++) {
      const id = `pair-${pair}`;
      const plain = async () => without.push(await drive(service.url, "/cart", seconds));
      // Each pair begins with the other one: what drifts hits both alike.
      if (pair % 2 === 0) await plain();
      await ground.put({ ...PROBE, id }, WORKERS);
      const load = await drive(service.url, "/cart", seconds);
      withProbe.push(load);
      await ground.watch.until("a hit on every request", () => ground.watch.count(id, "reached") >= load.requests);
      await ground.remove(id);
      if (pair % 2 === 1) await plain();
    }
    const ratio = (of: (load: Load) => number) => median(withProbe.map((load, i) => of(load) / of(without[i] as Load)));
    const rate = ratio((load) => load.requestsPerSecond);
    return [
      {
        bench,
        what: "server: requests/s without a probe",
        value: median(without.map((load) => load.requestsPerSecond)),
        unit: "/s",
      },
      {
        bench,
        what: "server: requests/s with a false condition on each, ratio",
        value: rate,
        unit: "x",
        bar: "at least 0.97",
        holds: rate >= 0.97,
      },
      { bench, what: "server: p99 with it, ratio", value: ratio((load) => load.p99Ms), unit: "x" },
      { bench, what: "server: CPU time a request with it, ratio", value: ratio((load) => load.cpuUs), unit: "x" },
    ];
  } finally {
    await service.stop();
    await ground.close();
  }
}
