"""Every fault case, or those named: `python -m faults [--only CASE …] [--rest SECONDS]`; exits with 1 when one fails."""

import argparse
import sys
import time
from pathlib import Path

from fault_suite import Verdict, cases, run_cases


def main() -> int:
    """Run, tell each verdict as it comes, and sum up."""
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="CASE", help="names, or beginnings of names with a *")
    parser.add_argument("--rest", type=float, default=30.0, help="seconds in which nothing may be written (30)")
    parser.add_argument("--parallel", type=int, default=40, help="cases at once (40)")
    parser.add_argument("--every", type=int, default=1, help="only every n-th case")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="leave out the cases named there; cases that pass are added")
    options = parser.parse_args()
    passed = set(options.resume.read_text().split()) if options.resume and options.resume.exists() else set[str]()
    chosen = [case for case in cases() if not options.only or any(_matches(case.name, wanted) for wanted in options.only)]
    chosen = [case for case in chosen[:: options.every] if case.name not in passed]

    def tell(verdict: Verdict) -> None:
        _tell(verdict)
        if options.resume and not verdict.problems:
            with options.resume.open("a") as remembered:
                print(verdict.case.name, file=remembered)

    began = time.monotonic()
    verdicts = run_cases(chosen, tell, rest=options.rest, parallel=options.parallel)
    failed = [verdict for verdict in verdicts if verdict.problems]
    print(f"{len(verdicts)} cases, {len(failed)} failed, {time.monotonic() - began:.0f} s")
    for verdict in failed:
        print(f"  python -m faults --only {verdict.case.name}")
    return 1 if failed or not verdicts else 0


def _matches(name: str, wanted: str) -> bool:
    return name.startswith(wanted[:-1]) if wanted.endswith("*") else name == wanted


def _tell(verdict: Verdict) -> None:
    word = "FAILED" if verdict.problems else "ok" if verdict.fired or not verdict.case.faults else "ok, its fault had no occasion"
    print(f"{verdict.case.name}: {word} ({verdict.seconds:.0f} s)", flush=True)
    for problem in verdict.problems:
        print(f"    {problem}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
