package safefile

// NoFollow is nothing: to make a link takes an administrator on Windows, and pipes are not among the files.
const NoFollow = 0

func isLink(error) bool { return false }

// SyncDir does nothing: Windows has no such call for directories, and NTFS journals their entries.
func SyncDir(string) error { return nil }
