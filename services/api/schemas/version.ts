import { Type } from 'typebox'

export const Version = Type.Object(
  {
    version: Type.String({ description: "Digdag's version whose API this is" }),
    suiro: Type.String({ description: "Suiro's own version" }),
  },
  { title: 'Version' },
)

export const VersionCheck = Type.Object(
  {
    serverVersion: Type.String(),
    upgradeRecommended: Type.Boolean(),
    apiCompatible: Type.Boolean(),
  },
  { title: 'VersionCheck' },
)
