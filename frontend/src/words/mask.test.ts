import { expect, test } from 'vitest'
import { mask } from './mask'

// The same names as the program's own test has.
test('names are masked as the program masks them', () => {
  for (const [name, shown] of [['', ''], ['张', '张'], ['张三', '张*'], ['李小国', '李*国'], ['欧阳小芳', '欧**芳'], ['龘鱻靐一二', '龘***二'], ['阿依古丽·买买提', '阿***']]) expect(mask(name)).toBe(shown)
})
