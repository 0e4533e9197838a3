export { changeList, type ChangeListOptions, type ListChange, type ListMode, type ListOutcome, type ListProblem } from './change-list.js';
export { resolveRows, type ListRow, type RowOwner } from './resolve-rows.js';
