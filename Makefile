# make run    build everything and open the window; without a display, serve at http://127.0.0.1:8420
# make test   everything that must hold: linters, tests, the program in a browser, the real window
# make build  build/bin/jishan
# make cross  Windows with the window; Linux and Android on arm64 without
# make nightly  the long suites; sizes: FUZZ=5m HISTORIES=100000 WORLDS=200 DEMO=300 CRASHES=10000
# make sim    play whole communities with faults, SEEDS=1000 FROM=1
# make hostile  a million frames of a device that keeps no rule, FRAMES=1000000
# make mutants  planted bugs: the simulator must find every one
# make screens  pictures of every screen: docs/screens.md and docs/screens/
# make fmt    format the code
#
# Nothing is done twice: stamps in build/bin/.done say what was done and from what.

export GOTOOLCHAIN ?= local
# Somebody else's clone must build too: git refuses to read it. With -trimpath
# everywhere, linters, tests and the program share what was compiled.
export GOFLAGS := $(GOFLAGS) -buildvcs=false -trimpath
BIN   := build/bin
DONE  := $(BIN)/.done
LD    := -s -w -X jishan/app/boot.Commit=$(shell git rev-parse --short=12 HEAD 2>/dev/null)
HERE  := $(if $(DISPLAY)$(WAYLAND_DISPLAY),window,base)

.PHONY: run build test cross nightly sim hostile mutants screens fmt clean dist binary
.DEFAULT_GOAL := build

run:
	@sh build/setup.sh $(HERE)
	@$(MAKE) --no-print-directory binary
	@exec $(BIN)/jishan

build: binary

test:
	@sh build/setup.sh test
	@mkdir -p $(BIN)
	@go build -o $(BIN)/check ./build/check
	@exec $(BIN)/check

FUZZ      ?= 5m
HISTORIES ?= 100000
WORLDS    ?= 200
DEMO      ?= 300
CRASHES   ?= 10000

nightly:
	@sh build/setup.sh test
	@mkdir -p $(BIN)
	@go build -o $(BIN)/check ./build/check
	@exec $(BIN)/check -nightly -fuzz $(FUZZ) -histories $(HISTORIES) -seeds $(WORLDS) -demo $(DEMO) -crashes $(CRASHES)

SEEDS ?= 1000
FROM  ?= 1

sim:
	@mkdir -p $(BIN)
	@go test -c -o $(BIN)/sim.test ./app/sim
	@exec $(BIN)/sim.test -test.run '^TestCommand$$' -test.timeout 0 -sim "--seeds $(SEEDS) --from $(FROM)"

FRAMES ?= 1000000

hostile:
	@mkdir -p $(BIN)
	@go test -c -o $(BIN)/node.test ./app/node
	@cd app/node && exec ../../$(BIN)/node.test -test.run '^TestHostile$$' -test.v -test.timeout 0 -hostile $(FRAMES)

mutants:
	@go run ./app/sim/mutants

# --- the screens

$(DONE)/npm: frontend/package-lock.json frontend/package.json
	@mkdir -p $(DONE)
	@test ! -L frontend/node_modules || { echo "frontend/node_modules is a link: npm ci would empty what it points to; remove the link" >&2; exit 1; }
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

SCREENS := $(shell find frontend/src frontend/public -type f 2>/dev/null) $(wildcard frontend/*.html frontend/vite.config.ts frontend/tsconfig*.json)

$(DONE)/dist: $(DONE)/npm $(SCREENS)
	cd frontend && npm run --silent build -- --logLevel warn
	@test -s frontend/dist/index.html
	@touch $@

# dist may have been emptied while the stamp stayed
dist:
	@test -s frontend/dist/index.html || rm -f $(DONE)/dist
	@test -d frontend/node_modules || rm -f $(DONE)/npm
	@$(MAKE) --no-print-directory $(DONE)/dist

# --- the program: with its window where the libraries are, else with cgo for
# the judge of documents where there is a compiler, else plain

binary: dist
	@mkdir -p $(BIN)
	@tags=`sh build/tags.sh`; cgo=`sh build/tags.sh cgo`; \
	echo "go build (tags: $${tags:-none}, cgo: $$cgo)"; \
	CGO_ENABLED=$$cgo go build -tags "$$tags" -ldflags "$(LD)" -o $(BIN)/jishan .

cross: dist
	@mkdir -p $(BIN)
	GOOS=windows GOARCH=amd64 CGO_ENABLED=0 go build -tags desktop,production -ldflags "$(LD) -H windowsgui" -o $(BIN)/jishan-windows-amd64.exe .
	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -ldflags "$(LD)" -o $(BIN)/jishan-linux-arm64 .
	GOOS=android GOARCH=arm64 CGO_ENABLED=0 go build -ldflags "$(LD) -checklinkname=0" -o $(BIN)/jishan-android-arm64 .

screens: $(DONE)/npm
	@cd frontend && node shots/docs.mjs

fmt:
	gofmt -w `find . -name '*.go' -not -path './frontend/node_modules/*'`
	cd frontend && npx eslint . --fix

clean:
	rm -rf $(BIN) frontend/node_modules
	find frontend/dist -mindepth 1 -not -name .gitkeep -delete
