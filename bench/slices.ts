// Requests in short slices to several living services in turn, so that a slow moment of the machine hits all alike. Each slice
// tells requests/s and the service's own CPU time a request, which other programs on the machine disturb less.
import { Agent, get } from "node:http";

/** One slice. */
export interface Slice {
  readonly requestsPerSecond: number;
  /** Microseconds of the service's CPU. */
  readonly cpuUs: number;
}

/** Requests that keep `connections` connections of a service busy. */
export class Driver {
  readonly #agent: Agent;
  readonly #url: string;
  readonly #path: string;
  readonly #connections: number;

  constructor(url: string, path: string, connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#url = url;
    this.#path = path;
    this.#connections = connections;
  }

  /** Sends this many. Rejects when one fails. */
  async slice(requests: number): Promise<Slice> {
    const before = await this.#cpuUs();
    const from = performance.now();
    let left = requests;
    const sender = async () => {
      while (left-- > 0) await this.#request(this.#path);
    };
    await Promise.all(Array.from({ length: this.#connections }, sender));
    const seconds = (performance.now() - from) / 1000;
    return { requestsPerSecond: requests / seconds, cpuUs: ((await this.#cpuUs()) - before) / requests };
  }

  close(): void {
    this.#agent.destroy();
  }

  async #cpuUs(): Promise<number> {
    const { user, system } = JSON.parse(await this.#request("/cpu")) as { user: number; system: number };
    return user + system;
  }

  #request(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      get(this.#url + path, { agent: this.#agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => {
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(`${path} answered ${response.statusCode}`));
        });
      }).on("error", reject);
    });
  }
}

/** Slices of all drivers, `rounds` times, each round beginning with another one. Answers by driver, in the order of rounds. */
export async function inTurn(drivers: readonly Driver[], rounds: number, requests: number): Promise<Slice[][]> {
  const slices = drivers.map((): Slice[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < drivers.length; turn++) {
      const index = (round + turn) % drivers.length;
      slices[index]!.push(await drivers[index]!.slice(requests));
    }
  }
  return slices;
}
