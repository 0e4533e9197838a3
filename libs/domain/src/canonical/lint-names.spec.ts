import { lintEventName, lintFieldName } from './lint-names.js';
import { camelCase, titleCase } from './title-case.js';

describe('lintFieldName', () => {
  it.each(['email', 'firstName', 'custom.shoeSize', 'sha256', 'addressLine2', 'x'])('takes %s', (name) => {
    expect(lintFieldName(name)).toBeNull();
  });

  it.each([['shoe_size', /write "shoeSize"/], ['ShoeSize', /write "shoeSize"/], ['imageURL', /write "imageUrl"/], ['shoe size', /shoeSize/], ['', /use Latin/], ['2x', /lowerCamelCase/], ['constructor', /cannot/], ['a..b', /lowerCamelCase/], ['a$', /lowerCamelCase/], ['x'.repeat(65), /64/]])('refuses "%s"', (name, message) => {
    expect(lintFieldName(name)).toMatch(message);
  });
});

describe('lintEventName', () => {
  it.each(['Order Completed', 'Product Added To Wishlist Removed', 'Push Notification Sent', 'User Signed Up', 'Application Opened', 'Points Won'])('takes %s', (name) => {
    expect(lintEventName(name)).toBeNull();
  });

  it.each([['order_completed', /write "Order Completed"/], ['Completed', /Object Action/], ['order Completed', /Title Case/], ['Order  Completed', /Title Case/], ['Order Complete', /past tense/], ['Sign Up', /past tense/], ['', /Object Action/], ['Order Completed '.repeat(20).trim(), /200/]])('refuses "%s"', (name, message) => {
    expect(lintEventName(name)).toMatch(message);
  });
});

describe('titleCase and camelCase', () => {
  it.each([['order_completed', 'Order Completed', 'orderCompleted'], ['orderPaid', 'Order Paid', 'orderPaid'], ['ORDER-PAID', 'Order Paid', 'orderPaid'], ['HTTPError', 'Http Error', 'httpError'], ['size42', 'Size 42', 'size42'], ['', '', ''], ['__proto__', 'Proto', 'proto']])('%s', (text, title, camel) => {
    expect([titleCase(text), camelCase(text)]).toEqual([title, camel]);
  });
});
