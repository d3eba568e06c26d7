// promql runs a script in the language of Prometheus' own tests, from standard input; it ends with 1 and says which line is wrong.
package main

import (
	"io"
	"os"
	"testing"

	"github.com/prometheus/prometheus/promql/promqltest"
)

func main() {
	everything := func(string, string) (bool, error) { return true, nil }
	testing.Main(everything, []testing.InternalTest{{Name: "script", F: script}}, nil, nil)
}

func script(t *testing.T) {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		t.Fatal(err)
	}
	promqltest.RunTest(t, string(text), promqltest.NewTestEngine(t, false, 0, 1_000_000))
}
