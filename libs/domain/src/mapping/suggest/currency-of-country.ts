const EURO = ['AT', 'BE', 'CY', 'DE', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PT', 'SI', 'SK'];

const CURRENCIES: ReadonlyMap<string, string> = new Map([
  ...EURO.map((country) => [country, 'EUR'] as const),
  ...Object.entries({ CN: 'CNY', HK: 'HKD', MO: 'MOP', TW: 'TWD', JP: 'JPY', KR: 'KRW', SG: 'SGD', MY: 'MYR', TH: 'THB', ID: 'IDR', IN: 'INR', US: 'USD', CA: 'CAD', GB: 'GBP', CH: 'CHF', SE: 'SEK', NO: 'NOK', DK: 'DKK', PL: 'PLN', AU: 'AUD', NZ: 'NZD', BR: 'BRL', MX: 'MXN' }),
]);

/** The currency (ISO 4217) that prices of a country (ISO 3166-1 alpha-2) are in, for proposals where a record names none; undefined for a country that is not listed. */
export function currencyOfCountry(country: string | undefined): string | undefined {
  return country === undefined ? undefined : CURRENCIES.get(country);
}
