package engine

// Available says whether this build has the library.
func Available() bool { return available }
