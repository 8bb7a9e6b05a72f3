package sheet

import "testing"

func TestFilesAreNamedInTheScreensLanguage(t *testing.T) {
	for _, c := range []struct{ lang, want string }{{"zh", "志愿者-20261122"}, {"", "志愿者-20261122"}, {"en", "people-20261122"}} {
		if got := FileName(c.lang, TakenPeople, "20261122"); got != c.want {
			t.Errorf("%q: %s, want %s", c.lang, got, c.want)
		}
	}
	if got := FileName("zh", TakenErrors); got != "花名册-错误原因" {
		t.Error(got)
	}
}
