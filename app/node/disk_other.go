//go:build !unix

package node

func isMount(string) bool    { return false }
func freeSpace(string) int64 { return 0 }
