package boot

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

const (
	// A log of 5 MB is weeks of ordinary work; six of them fill less than one
	// photograph would.
	logMegabytes = 5
	logKept      = 5
	logDays      = 90
)

// openLog opens the rotated log of a data folder. Nothing personal and no
// secret is ever written to it: constant messages, ids of documents, codes.
// Its folder is its owner's alone like the data folder, which may be older than
// that rule, or made by somebody else.
func openLog(dir string) (*slog.Logger, io.Closer, error) {
	if err := os.MkdirAll(filepath.Join(dir, "log"), 0o700); err != nil {
		return nil, nil, err
	}
	w := &lumberjack.Logger{
		Filename: filepath.Join(dir, "log", "jishan.log"), MaxSize: logMegabytes, MaxBackups: logKept, MaxAge: logDays, Compress: true,
	}
	log := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
	slog.SetDefault(log) // libraries that log by default must not write to the terminal
	return log, w, nil
}
