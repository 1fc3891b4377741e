//go:build race

package numbering

// raceEnabled tells that the race detector is on, which makes the library some fifteen times slower.
const raceEnabled = true
