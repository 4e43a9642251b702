// What the dialogs of this area hand back.
import type { Role } from "@/api/schema";

export interface RoleDraft {
  login: string;
  name: string;
  password: string;
  role: Role;
  place_id: number;
  merchant_id: number | null;
  reason: string;
}

export interface PlaceDraft {
  name: string;
  place_id: number;
  reason: string;
}
