package node

// The sample community is invented. It has the size and the rates of the
// reported one (rows A109 to A131): 300 volunteers, a shelf of 40 goods, 3 an
// hour for cleaning, 5 for a class taught, 8 for a quarrel settled, 3 for a
// repair.
const (
	sampleName   = "滨河社区"
	sampleParent = "河东街道"
	sampleOffice = "1 号电脑"
	samplePeople = 300
)

var sampleGrids = []string{"和平里一", "和平里二", "滨河花园", "铁路宿舍"}

var sampleSurnames = []rune("李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧")

var sampleGiven = []string{"国平", "秀兰", "建军", "桂英", "志强", "玉梅", "海燕", "永福", "春生", "凤霞", "文华", "小芳", "立新", "淑珍", "德明", "雪琴", "卫东", "晓红", "长青", "爱民", "金凤", "庆丰"}

var sampleSkills = []string{"", "", "水电维修", "理发", "测血压", "书法", "", "开锁", "陪诊", ""}

// sampleGoods: name, unit, kind, points, stock (-1: unlimited), icon.
var sampleGoods = []struct {
	name, unit, kind string
	points, stock    int64
	icon             string
}{
	{"牙膏", "1 支", "goods", 5, 38, "toothpaste"}, {"牙刷", "1 支", "goods", 3, 44, "toothpaste"}, {"香皂", "1 块", "goods", 4, 52, "soap"},
	{"洗手液", "1 瓶", "goods", 6, 17, "bottle"}, {"洗衣液", "1 袋", "goods", 8, 24, "bottle"}, {"洗衣粉", "1 袋", "goods", 7, 22, "bag"},
	{"洗洁精", "1 瓶", "goods", 6, 19, "bottle"}, {"卫生纸", "1 提", "goods", 10, 31, "roll"}, {"抽纸", "3 包", "goods", 6, 40, "box"},
	{"毛巾", "1 条", "goods", 7, 20, "towel"}, {"洗发水", "1 瓶", "goods", 15, 12, "bottle"}, {"护手霜", "1 支", "goods", 6, 25, "toothpaste"},
	{"凉水壶", "1 把", "goods", 20, 6, "jug"}, {"电热水壶", "1 个", "goods", 30, 4, "kettle"}, {"保温杯", "1 个", "goods", 18, 8, "jug"},
	{"台灯", "1 盏", "goods", 32, 3, "lamp"}, {"插线板", "1 个", "goods", 16, 9, "plug"}, {"节能灯", "1 只", "goods", 6, 26, "lamp"},
	{"大米", "5 公斤", "goods", 35, 9, "rice"}, {"面粉", "5 公斤", "goods", 28, 9, "rice"}, {"食用油", "1 桶", "goods", 45, 7, "oil"},
	{"鸡蛋", "1 盘", "goods", 25, 10, "box"}, {"挂面", "1 把", "goods", 5, 35, "box"}, {"食盐", "1 袋", "goods", 2, 60, "bag"},
	{"酱油", "1 瓶", "goods", 8, 18, "bottle"}, {"陈醋", "1 瓶", "goods", 8, 21, "bottle"}, {"白糖", "1 袋", "goods", 6, 20, "bag"},
	{"垃圾袋", "1 卷", "goods", 3, 48, "roll"}, {"扫把", "1 把", "goods", 9, 11, "broom"}, {"拖把", "1 把", "goods", 15, 8, "broom"},
	{"雨伞", "1 把", "goods", 16, 10, "umbrella"}, {"购物袋", "1 个", "goods", 4, 30, "bag"}, {"棉袜", "1 双", "goods", 4, 36, "towel"},
	{"手套", "1 双", "goods", 3, 33, "towel"}, {"笔记本", "1 本", "goods", 3, 50, "book"}, {"文创抱枕", "1 个", "goods", 40, 3, "box"},
	{"电饭煲", "1 个", "goods", 120, 2, "kettle"}, {"理发", "1 次", "service", 15, -1, "scissors"}, {"长者食堂", "代金券 10 元", "coupon", 10, 60, "bowl"},
	{"健康体检", "1 次", "service", 60, -1, "heart"},
}
