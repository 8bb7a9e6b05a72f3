package boot

import (
	"io"
	"log/slog"
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
func openLog(dir string) (*slog.Logger, io.Closer) {
	w := &lumberjack.Logger{
		Filename: filepath.Join(dir, "log", "jishan.log"), MaxSize: logMegabytes, MaxBackups: logKept, MaxAge: logDays, Compress: true,
	}
	log := slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelInfo}))
	slog.SetDefault(log) // libraries that log by default must not write to the terminal
	return log, w
}
