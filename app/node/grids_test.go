package node

import "testing"

// TestGrids: the main device adds, renames and removes grids; one with people stays,
// and nothing is half done.
func TestGrids(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	of := func(d *device) map[any]object {
		out := map[any]object{}
		for _, g := range d.must("people.grids", object{})["grids"].([]any) {
			out[g.(object)["name"]] = g.(object)
		}
		return out
	}
	list := func(names map[any]object, more ...object) (out []object) {
		for name, g := range names {
			if g["id"] != "" {
				out = append(out, object{"id": g["id"], "name": name})
			}
		}
		return append(out, more...)
	}
	had := len(list(of(office)))
	office.must("people.saveGrids", object{"grids": list(of(office), object{"id": "", "name": " 滨河花园 "}, object{"id": "", "name": "铁路宿舍"})})
	now := of(office)
	if len(list(now)) != had+2 || now["滨河花园"] == nil {
		t.Fatalf("%v", now)
	}
	p := person("张三", "13900000001")
	p["grid"] = now["滨河花园"]["id"]
	office.must("people.register", p)
	eventually(t, "the station has them", func() bool { return of(station)["滨河花园"] != nil })
	station.refuses("govern.registrar.only", "people.saveGrids", object{"grids": list(of(station), object{"id": "", "name": "新村"})})
	for _, bad := range [][]object{
		list(now, object{"id": "", "name": "滨河花园"}), list(now, object{"id": "", "name": " "}), list(now, object{"id": "g99", "name": "新村"}),
		list(now, object{"id": now["铁路宿舍"]["id"], "name": "新村"}),
	} {
		office.refuses("govern.grid.bad", "people.saveGrids", object{"grids": bad})
	}
	gone := map[any]object{"铁路宿舍": now["铁路宿舍"]}
	office.refuses("govern.grid.used", "people.saveGrids", object{"grids": list(gone, object{"id": "", "name": "新村"})})
	if of(office)["新村"] != nil {
		t.Error("a refused list was saved in part")
	}
	stays := map[any]object{"滨河家园": now["滨河花园"]}
	office.must("people.saveGrids", object{"grids": list(stays)})
	if got := of(office); len(list(got)) != 1 || number(got["滨河家园"]["n"]) != 1 {
		t.Errorf("%v", got)
	}
}
