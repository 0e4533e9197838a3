export { suggestMapping, type MappingSuggestion, type SuggestOptions, type SuggestionReason } from './suggest-mapping.js';
