//go:build race

package phone

// raceEnabled tells that the race detector is on, which makes the library some fifteen times slower.
const raceEnabled = true
