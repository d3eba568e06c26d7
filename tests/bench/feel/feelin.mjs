// feelin as a process that answers like the oracle: JSON lines in, with "times" the nanoseconds out.
import { createInterface } from "node:readline";
import { evaluate } from "feelin";

const answer = ({ expression, variables, times }) => {
  const begun = process.hrtime.bigint();
  let result;
  for (let i = 0; i < (times ?? 1); i++) {
    result = JSON.stringify(evaluate(expression, variables));
  }
  return times ? { nanoseconds: Number(process.hrtime.bigint() - begun) } : { value: JSON.parse(result).value ?? null };
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
