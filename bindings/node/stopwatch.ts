// Measures how long this thread works on something. Never calls what the program has put in place of a clock.
import { natives } from "../../host/index.ts";

const { clockMs, cpuUsage, min } = natives;

/**
 * Milliseconds since now that this thread has worked. A machine that does something else meanwhile makes the clock run on, and
 * other threads of the process make its processor time run faster: the smaller of the two is nearest.
 */
export function stopwatch(): () => number {
  const startedMs = clockMs();
  const { user, system } = cpuUsage();
  return () => {
    const now = cpuUsage();
    return min(clockMs() - startedMs, (now.user - user + now.system - system) / 1000);
  };
}
