// Command harbour answers how deep a ship lies in the water, and refuses to let her
// sail above her load line. It is the example that the demo takes to production.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Ship is what a caller sends: masses in tonnes, the water plane area in square metres,
// the load line in metres above the keel.
type Ship struct {
	Name      string  `json:"name"`
	Hull      float64 `json:"hullTonnes"`
	Cargo     float64 `json:"cargoTonnes"`
	WaterArea float64 `json:"waterAreaSquareMetres"`
	LoadLine  float64 `json:"loadLineMetres"`
}

const seaWater = 1.025 // tonnes per cubic metre

// Draught is the depth of the keel below the water line, in metres.
func (s Ship) Draught() float64 { return (s.Hull + s.Cargo) / (s.WaterArea * seaWater) }

// Safe reports whether the load line is still above the water.
func (s Ship) Safe() bool { return s.Draught() <= s.LoadLine }

func verdict(s Ship, languages string) string {
	tags, _, _ := language.ParseAcceptLanguage(languages)
	printer := message.NewPrinter(language.English)
	if len(tags) > 0 {
		printer = message.NewPrinter(tags[0])
	}
	state := "may sail"
	if !s.Safe() {
		state = "stays in port"
	}
	return printer.Sprintf("%s %s: draught %.2f m, load line %.2f m", s.Name, state, s.Draught(), s.LoadLine)
}

func handle(w http.ResponseWriter, r *http.Request) {
	var ship Ship
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ship); err != nil || ship.WaterArea <= 0 {
		http.Error(w, "send a ship as JSON", http.StatusBadRequest)
		return
	}
	fmt.Fprintln(w, verdict(ship, r.Header.Get("Accept-Language")))
}

func main() {
	check := flag.Bool("check", false, "weigh one ship and exit")
	listen := flag.String("listen", ":8080", "address to listen on")
	flag.Parse()
	if *check {
		line := verdict(Ship{"Cutty Sark", 963, 600, 560, 6.4}, "de")
		fmt.Println(line)
		if !strings.Contains(line, "may sail") {
			os.Exit(1)
		}
		return
	}
	http.HandleFunc("POST /weigh", handle)
	server := &http.Server{Addr: *listen, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.ListenAndServe())
}
