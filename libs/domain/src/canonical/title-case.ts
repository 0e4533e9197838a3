/** Words written in one piece: `orderPaid`, `order_paid`, `order-paid`, `ORDER PAID`, `HTTPError`. */
const WORDS = /\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{N}+|[\p{Lo}\p{Lm}]+/gu;

function words(text: string): string[] {
  return text.match(WORDS) ?? [];
}

/**
 * Writes a name as Title Case, the convention for event names.
 *
 * @example titleCase('order_completed') // 'Order Completed'
 */
export function titleCase(text: string): string {
  return words(text)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
    .join(' ');
}

/**
 * Writes a name as lowerCamelCase, the convention for fields.
 *
 * @example camelCase('product_id') // 'productId'
 */
export function camelCase(text: string): string {
  return words(text)
    .map((word, index) => (index === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()))
    .join('');
}
