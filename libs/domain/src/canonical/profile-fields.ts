import { defineFields } from './field-definition.js';

const EVERY_USE = ['service', 'analytics', 'marketing', 'advertising'] as const;
const OWN_USE = ['service', 'analytics', 'marketing'] as const;

/** The canonical profile: what the brand knows of a person, one value per field. Names follow the traits of the Segment identify call where it has one. */
export const PROFILE_FIELDS = defineFields(
  { owner: 'crm', pii: 'personal', retentionDays: null, purposes: OWN_USE },
  {
    email: { type: 'email', description: 'Email address for contact.', example: 'ana@example.com', purposes: EVERY_USE },
    phone: { type: 'phone', description: 'Phone number for contact.', example: '+8613912345678', purposes: EVERY_USE },
    firstName: { type: 'string', description: 'Given name.', example: 'Ana', purposes: EVERY_USE },
    lastName: { type: 'string', description: 'Family name.', example: 'Lima', purposes: EVERY_USE },
    name: { type: 'string', description: 'Full name, in the order the person writes it.', example: 'Ana Lima' },
    nickname: { type: 'string', description: 'Name shown in the shop or app.', example: 'ana_l', owner: 'app' },
    title: { type: 'string', description: 'Form of address, as used in letters.', example: 'Dr.' },
    gender: { type: 'string', values: ['female', 'male', 'other', 'unknown'], description: 'Gender as the person states it.', example: 'female' },
    birthday: { type: 'date', description: 'Date of birth.', example: '1990-05-17' },
    age: { type: 'integer', description: 'Age in years, where the date of birth is not given.', example: 34 },
    language: { type: 'locale', description: 'Language the person wants to be addressed in.', example: 'zh-CN', pii: 'none', purposes: EVERY_USE },
    timezone: { type: 'string', description: 'IANA time zone.', example: 'Asia/Shanghai', pii: 'none' },
    street: { type: 'string', description: 'Street and house number of the main address.', example: '88 Nanjing West Road', purposes: ['service', 'marketing'] },
    city: { type: 'string', description: 'City of the main address.', example: 'Shanghai', purposes: EVERY_USE },
    region: { type: 'string', description: 'Province or state of the main address.', example: 'Shanghai', purposes: EVERY_USE },
    postalCode: { type: 'string', description: 'Postal code of the main address.', example: '200041', purposes: EVERY_USE },
    country: { type: 'country', description: 'Country of the main address.', example: 'CN', pii: 'none', purposes: EVERY_USE },
    avatarUrl: { type: 'url', description: 'Picture that the person uploaded.', example: 'https://cdn.example.com/a/1.png', owner: 'app', purposes: ['service'] },
    website: { type: 'url', description: "The person's own website.", example: 'https://ana.example.com' },
    company: { type: 'string', description: 'Company the person works for.', example: 'Example Trading Co.' },
    jobTitle: { type: 'string', description: 'Job title.', example: 'Buyer' },
    groupId: { type: 'string', description: 'Organisation or household the person belongs to.', example: 'g-17', pii: 'pseudonymous' },
    signedUpAt: { type: 'datetime', description: 'When the account was made.', example: '2025-03-01T08:00:00.000Z', owner: 'app', pii: 'pseudonymous' },
    memberSince: { type: 'datetime', description: 'When the loyalty membership began.', example: '2025-03-02T08:00:00.000Z', pii: 'pseudonymous' },
    membershipLevel: { type: 'string', description: 'Tier of the loyalty programme.', example: 'gold', pii: 'pseudonymous' },
    loyaltyPoints: { type: 'integer', description: 'Points that can be spent.', example: 1200, pii: 'pseudonymous' },
    preferredStoreId: { type: 'string', description: 'Store the person goes to most, or named as theirs.', example: 'hz-01', owner: 'store', pii: 'pseudonymous' },
    lifecycleStage: { type: 'string', description: 'Stage in the CRM, e.g. lead or customer.', example: 'customer', pii: 'pseudonymous' },
    tags: { type: 'strings', description: 'Labels that staff gave in the CRM.', example: ['vip', 'newsletter'], pii: 'pseudonymous' },
    source: { type: 'string', description: 'How the person was first met, e.g. a campaign or a store.', example: 'spring-2026', pii: 'pseudonymous' },
  },
);
