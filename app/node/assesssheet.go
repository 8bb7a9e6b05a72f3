package node

import (
	"context"
	"encoding/hex"
	"io"
	"slices"

	"jishan/app/assess"
	"jishan/app/fault"
	"jishan/app/sheet"
	"jishan/crdt/store"
)

// A round's grid as a workbook, and taken in again: columns are found by their headings,
// wherever they stand, and households by their number. What is wrong in any line is said
// at once, and nothing is written before all is right.

func (n *Node) assessSheetCalls() map[string]handler {
	return map[string]handler{
		"assess.sheetPreview": staff(n, (*community).previewScores),
		"assess.sheetImport":  staff(n, (*community).importScores),
	}
}

// maxScoreRows is households, and what stands above them.
const maxScoreRows = 5000

// scoreDraft is a workbook that was read.
type scoreDraft struct {
	title string
	items []string // headings of those that the workbook has
	rows  []sheet.ScoreRow
	cells scoreRequest // what is to be written
	bad   int
}

// errScoresGone: the program was started anew, or others were read since.
var errScoresGone = fault.New("assess.sheet.gone")

type scoreChange struct {
	Item   string  `json:"item"`
	Before []int64 `json:"before"` // several where devices differ, none where nothing stands
	After  int64   `json:"after"`  // -1 takes away
}

type scoreLine struct {
	Line     int                  `json:"line"` // in the sheet, from 1
	Home     string               `json:"home"` // "" of who is not found
	Name     string               `json:"name"`
	Masked   string               `json:"masked"`
	Address  string               `json:"address"`
	Changes  []scoreChange        `json:"changes"`
	Problems []sheet.ScoreProblem `json:"problems"`
}

type scorePreview struct {
	Token   string      `json:"token"`
	Lines   []scoreLine `json:"lines"`   // those that change something, or are wrong
	Same    int         `json:"same"`    // lines that change nothing
	Changes int         `json:"changes"` // cells
	Bad     int         `json:"bad"`     // lines
	Missing []string    `json:"missing"` // items that the workbook has no column of
	Unknown []string    `json:"unknown"` // headings that are none of the round's
}

// itemHeading is the heading of an item's column.
func itemHeading(i roundItem) string { return i.Code + " " + i.Name }

// openRound is a round that takes scores. Faults: assess.unknown, assess.state{state}.
func (c *community) openRound(q store.Querier, id string) (roundReply, error) {
	round, err := c.round(q, id)
	if err == nil && round.State != assess.Open {
		err = fault.New("assess.state", "state", round.State)
	}
	return round, err
}

// previewScores reads a workbook and says what would change. Faults: those of files and
// workbooks, assess.unknown, assess.state{state}, assess.sheet.columns,
// assess.sheet.column{column}.
func (c *community) previewScores(ctx context.Context, r struct {
	ID   string `json:"id"`
	File string `json:"file"`
}) (out scorePreview, err error) {
	b, err := fileRequest{r.File}.bytes()
	if err != nil {
		return out, err
	}
	cells, err := sheet.ReadCells(b, maxScoreRows)
	if err != nil {
		return out, err
	}
	var round roundReply
	if err = c.view(ctx, func(q store.Querier) error { round, err = c.openRound(q, r.ID); return err }); err != nil {
		return out, err
	}
	reader, err := newScoreReader(cells, round)
	if err != nil {
		return out, err
	}
	var token [16]byte
	if _, err := io.ReadFull(c.node.cfg.Rand, token[:]); err != nil {
		return out, err
	}
	out, draft := reader.read()
	out.Token = hex.EncodeToString(token[:])
	c.sheets.keep(out.Token, draft)
	return out, nil
}

// importScores writes what a workbook changes, all in one transaction. Faults:
// assess.sheet.gone, assess.sheet.bad{n}, those of assess.score.
func (c *community) importScores(ctx context.Context, r struct {
	Token string `json:"token"`
}) (out none, err error) {
	d, err := c.sheets.find(r.Token, errScoresGone)
	if err == nil && d.bad > 0 {
		err = fault.New("assess.sheet.bad", "n", d.bad)
	}
	if err != nil {
		return out, err
	}
	return c.scoreRound(ctx, d.cells)
}

// scoreFile is the grid of a round. Of a cell in which devices differ nothing is written, so
// that reading it in again settles nothing by itself. Fault: assess.unknown.
func (c *community) scoreFile(ctx context.Context, id string) (*File, error) {
	round, err := c.getRound(ctx, idRequest{ID: id})
	if err != nil {
		return nil, err
	}
	var items []string
	for _, i := range round.Items {
		items = append(items, itemHeading(i))
	}
	rows := make([]sheet.ScoreRow, 0, len(round.Homes))
	for _, h := range round.Homes {
		row := sheet.ScoreRow{Home: h.ID, Head: h.Name, Grid: h.Grid, Address: h.Address}
		for i, n := range h.Scores {
			differs := slices.ContainsFunc(h.Rivals, func(x rival) bool { return x.Item == round.Items[i].Code })
			if n < 0 || differs {
				row.Scores = append(row.Scores, nil)
			} else {
				row.Scores = append(row.Scores, n)
			}
		}
		rows = append(rows, row)
	}
	title := round.Title + "（" + round.Span + "）　空着的不改，要去掉一格填 " + sheet.ScoreBlank
	return workbook(c.fileName(sheet.TakenScores, round.Title), func(w io.Writer) error { return sheet.Scores(w, title, items, rows, false) })
}

// scoreErrorsFile hands a workbook back with what is wrong. Fault: assess.sheet.gone.
func (c *community) scoreErrorsFile(token string) (*File, error) {
	d, err := c.sheets.find(token, errScoresGone)
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenScoreErrors, d.title), func(w io.Writer) error { return sheet.Scores(w, "", d.items, d.rows, true) })
}
