package sheet

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"jishan/app/settle"
)

func TestBankSheet(t *testing.T) {
	shop := settle.Terms{Payee: "便民超市个体户", Account: "6228480000000000001", Bank: "农业银行"}
	list := []settle.Batch{
		{Place: "p1", Settlement: settle.Settlement{Number: 7, Points: 997, Pay: 49_850}, Terms: shop},
		{Place: "p1", Settlement: settle.Settlement{Number: 8, Points: 32_010, Back: 10, Pay: 3_200_000}, Terms: shop},
		{Place: "p2", Settlement: settle.Settlement{Number: 1, Points: 7, Pay: 7}},
	}
	names := map[string]string{"p1": "便民超市", "p2": "=理发店"}
	var raw bytes.Buffer
	_, rows := book(t, func(w io.Writer) error { return Bank(io.MultiWriter(w, &raw), "柳溪社区", list, names) })
	want := [][]string{
		{"柳溪社区商家结算付款表"},
		{"序号", "商家", "户名", "账号", "开户行", "金额（元）", "积分", "结算单号"},
		{"1", "便民超市", "便民超市个体户", "6228480000000000001", "农业银行", "32,498.50", "32,997", "7、8"},
		{"2", "'=理发店", "'=理发店", "", "", "0.07", "7", "1"},
		{"", "合计 2 家商家", "", "", "", "32,498.57", "33,004"},
	}
	for i, r := range rows["付款"] {
		if i >= len(want) || !slices.Equal(r, want[i]) {
			t.Errorf("row %d: %q", i, r)
		}
	}
	if len(rows["付款"]) != len(want) {
		t.Errorf("%d rows", len(rows["付款"]))
	}
	// A number that sums, stored as it is written.
	if part := unzipped(t, raw.Bytes(), "xl/worksheets/sheet1.xml"); !strings.Contains(part, "<v>32498.50</v>") || strings.Contains(part, "32498.5</v>") {
		t.Error("the amount is not the exact decimal")
	}
	for fen, text := range map[int64]string{0: "0.00", 5: "0.05", -5: "-0.05", -120: "-1.20", 1 << 60: "11529215046068469.76"} {
		if yuan(fen) != text {
			t.Errorf("%d fen are %s", fen, yuan(fen))
		}
	}
}

func unzipped(t *testing.T, b []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
