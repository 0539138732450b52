import { freezeDay, giveAward, reviewAward, revokeAward } from './awards.js';
import { checkIn, recordEvent } from './events.js';
import { addLeave, savePerson } from './people.js';

export const creates = [recordEvent, giveAward, revokeAward, reviewAward, checkIn, freezeDay, savePerson, addLeave];
