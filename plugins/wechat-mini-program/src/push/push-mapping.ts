import type { Mapping, MappingPart, MappingValue } from '@firsthand/plugin-sdk';

/** An openid means a person within one app only. */
function openid(path: string): MappingValue {
  return { $when: `{{${path}}}`, value: `{{concat @settings.appId ":" ${path}}}` };
}

const sentByCustomer: MappingPart = {
  type: { $const: 'track' },
  occurredAt: '{{CreateTime}}',
  'identities.openid': openid('FromUserName'),
};

/** What WeChat took back from the brand, by the codes of `RevokeInfo` ("Authorized user information changes"): the field is emptied. */
function revoked(...codes: string[]): MappingValue {
  const anyOf = codes.map((code) => `(contains (split RevokeInfo ",") "${code}")`).join(' ');
  return { $when: `{{or ${anyOf}}}`, value: { $const: null } };
}

/** Raw record of a push to canonical record. */
export const pushMapping: Mapping = [
  {
    $when: '{{eq kind "chat"}}',
    ...sentByCustomer,
    name: { $const: 'Service Message Sent' },
    messageId: { $when: '{{MsgId}}', value: '{{concat "message:" MsgId}}' },
    'properties.method': '{{lower MsgType}}',
  },
  {
    $when: '{{eq kind "session"}}',
    ...sentByCustomer,
    name: { $const: 'Service Session Entered' },
    messageId: '{{concat Event ":" FromUserName ":" CreateTime}}',
    'properties.label': '{{SessionFrom}}',
  },
  {
    $when: '{{eq kind "subscription"}}',
    ...sentByCustomer,
    name: '{{map item.SubscribeStatusString "accept" "Subscription Message Accepted" "reject" "Subscription Message Rejected" (map item.ErrorCode "0" "Subscription Message Sent" "Subscription Message Failed")}}',
    messageId: '{{concat Event ":" FromUserName ":" CreateTime ":" item.TemplateId ":" item.MsgID}}',
    'properties.formId': '{{item.TemplateId}}',
    'properties.status': '{{default item.SubscribeStatusString item.ErrorStatus}}',
    'properties.scene': '{{item.PopupScene}}',
  },
  {
    $when: '{{eq kind "authorization"}}',
    type: '{{map Event "user_authorization_cancellation" "delete" "identify"}}',
    messageId: '{{concat Event ":" OpenID ":" CreateTime ":" RevokeInfo}}',
    occurredAt: '{{CreateTime}}',
    'identities.openid': openid('OpenID'),
    'identities.unionid': '{{UnionID}}',
  },
  {
    $when: '{{eq Event "user_authorization_revoke"}}',
    'profile.phone': revoked('8'),
    'profile.email': revoked('16'),
    'profile.street': revoked('2'),
    'profile.city': revoked('2'),
    'profile.region': revoked('2'),
    'profile.postalCode': revoked('2'),
    'profile.nickname': revoked('6', '19'),
    'profile.avatarUrl': revoked('6', '20'),
  },
  {
    // WeChat has cleaned the person's nickname and picture and asks to do the same.
    $when: '{{eq Event "user_info_modified"}}',
    'profile.nickname': { $const: null },
    'profile.avatarUrl': { $const: null },
  },
];
