/*
 * The protocol of the registry, for Spin: two hosts, two files, and failures anywhere. RegistryModelTest runs it. File 0 is
 * a base that VMs share, file 1 a disk that one VM writes. Each atomic block is one transaction of etcd's, one system call,
 * or one look at a label.
 *
 * A host may take a VM of the other one that has the disk: it moves. Then both hosts have the disk and the pair, until the VM
 * ends on one of them, wherever it goes on.
 *
 * A host may lose its power before each of its steps. The answer of a transaction may get lost, and the transaction may be
 * carried out late, also after its host has died or begun again. A host without power may be fenced; the other host then
 * takes its place.
 *
 * With -DBREAK_... one rule is left out, and Spin must find what goes wrong then.
 */

#ifndef CRASHES
#define CRASHES 2
#endif
#ifndef STARTS
#define STARTS 2
#endif

#define NOBODY 9
#define ORIGINAL 0
#define CONTENT 1
#define OTHER (1 - h)
#define WANTS(f) ((want >> (f)) & 1)
/* The base has one label of ours for all; the disk has one for each pair. */
#define OURS(f, p) ((f) == 0 -> CONTENT : 2 + (p))

mtype = { absent, fresh, held, restoring };

/* The registry. */
mtype state[2] = absent;
byte by[2] = NOBODY;
byte original[2] = NOBODY;
bool holds[4];
/* Whether what a host sends counts: its entry has the session that it knows. */
bool valid[2];
bool fenced[2];
/* The VM of each pair, and the hosts on which it has the pair. */
byte owner[2] = NOBODY;
bool on[4];
/* The pairs that the disk may carry as its record says, a bit for each, and the one at which it was claimed last. */
byte carried;
byte applied = NOBODY;

#define HOLDS(x, f) holds[(x) * 2 + (f)]
#define ON(x, p) on[(x) * 2 + (p)]

/* The storage: a label for each file. */
byte label[2] = ORIGINAL;

/* Facts that the hosts cannot see, for the assertions. */
bool power[2] = true;
bool runs[2];
byte runsWith[2];
byte runsVm[2];
/* VMs, of which each host names its own in turn. */
bool named[2];
/* A VM, on whichever host. */
byte writer = NOBODY;
byte crashes;

/* A claim under way: it may arrive at any time. */
bool late[2];
bool lateValid[2];
byte lateWant[2];
byte latePair[2];
bool lateMove[2];

/* One transaction: the pair is free, each file absent or held alike, and the session is the host's last. */
#define FREE(f) (state[f] == absent || ((f) == 0 && state[f] == held) || (state[f] == restoring && by[f] == h))
#define MAY_CLAIM(h, isValid, w, p) ( \
	isValid && owner[p] == NOBODY \
	&& (!((w) & 1) || FREE(0)) && (!((w) & 2) || FREE(1)))

/* The same for a VM that moves: the other host has it, with the disk at this pair. */
#define MAY_MOVE(h, isValid, p) ( \
	isValid && ON(1 - h, p) && !ON(h, p) \
	&& state[1] == held && HOLDS(1 - h, 1) && applied == (p))

#define MAY(h, isValid, w, p, m) ((m && MAY_MOVE(h, isValid, p)) || (!m && MAY_CLAIM(h, isValid, w, p)))

inline newSession(h) {
	valid[h] = true;
#ifndef BREAK_SESSION
	lateValid[h] = false
#endif
}

/* Gives a file back, and says so. */
inline restore(f) {
	atomic { assert(original[f] == ORIGINAL); label[f] = original[f] }
	atomic {
		valid[h] && state[f] == restoring && by[f] == h ->
			forget(f)
	}
}

inline claimFile(h, f, p) {
	if
	:: state[f] == absent -> state[f] = fresh; by[f] = h
	:: state[f] == restoring -> state[f] = held
	:: else
	fi;
	if
	:: f == 1 -> carried = carried | (1 << p); applied = p
	:: else
	fi;
	HOLDS(h, f) = true
}

/* No disk carries the pair any more, as far as the record says. Of a VM that has moved, the other host sees to that. */
inline free(h, p) {
	if
	:: ON(h, p) && ON(1 - h, p) -> ON(h, p) = false
#ifdef BREAK_PAIR
	:: ON(h, p) && !ON(1 - h, p) ->
#else
	:: ON(h, p) && !ON(1 - h, p) && !((carried >> p) & 1) ->
#endif
		assert(label[1] != OURS(1, p));
		ON(h, p) = false;
		owner[p] = NOBODY
	:: else
	fi
}

inline forget(f) {
	state[f] = absent;
	by[f] = NOBODY;
	original[f] = NOBODY;
	if
	:: f == 1 -> carried = 0; applied = NOBODY
	:: else
	fi
}

inline claim(h, w, p, m) {
	if
	:: m -> skip
	:: else -> owner[p] = h + 2 * named[h]; named[h] = !named[h]
	fi;
	ON(h, p) = true;
	if
	:: (w) & 1 -> claimFile(h, 0, p)
	:: else
	fi;
	if
	:: (w) & 2 -> claimFile(h, 1, p)
	:: else
	fi
}

/* Ends the process, if there is one. A VM that is on the other host as well goes on writing there. */
inline stop(h) {
	if
	:: runs[h] && writer == runsVm[h] && !(runs[1 - h] && runsVm[1 - h] == runsVm[h]) -> writer = NOBODY
	:: else
	fi;
	runs[h] = false;
	runsWith[h] = 0;
	runsVm[h] = 0
}

/* One transaction for each file: the last holder begins to give it back. */
inline leave(who, restorer, f) {
	if
	:: HOLDS(who, f) && state[f] == fresh && by[f] == who ->
		HOLDS(who, f) = false;
		forget(f)
#ifdef BREAK_LAST
	:: HOLDS(who, f) && state[f] == held ->
#elif defined(BREAK_MOVE)
	/* As if nobody else could have a disk. */
	:: HOLDS(who, f) && state[f] == held && (f == 1 || !HOLDS(1 - who, f)) ->
#else
	:: HOLDS(who, f) && state[f] == held && !HOLDS(1 - who, f) ->
#endif
		HOLDS(who, f) = false;
		state[f] = restoring;
		by[f] = restorer
	:: HOLDS(who, f) && state[f] == held && HOLDS(1 - who, f) ->
		HOLDS(who, f) = false
	:: !HOLDS(who, f) && state[f] == restoring && by[f] == who ->
		by[f] = restorer
	:: else
	fi
}

proctype Host(byte h) {
	byte want;
	byte pair;
	byte starts;
	byte f;
	byte read[2];
	bool isThere;
	bool isMove;

again:
	{
		/* A new session: nothing that was sent before counts any more. */
		atomic {
			newSession(h);
			fenced[h] = false
		}
		for (f : 0 .. 1) {
			atomic { valid[h] -> leave(h, h, f) }
			do
			:: state[f] == restoring && by[f] == h -> restore(f)
			:: else -> break
			od
		}
		/* Pairs of its VMs, none of which runs. */
		atomic { valid[h] -> free(h, 0); free(h, 1) }

ready:		do
		:: fenced[OTHER] ->
			/* In the place of the other host, file by file. */
			for (f : 0 .. 1) {
				atomic {
					if
					:: fenced[OTHER] -> leave(OTHER, h, f)
					:: else
					fi
				}
				do
				:: state[f] == restoring && by[f] == h -> restore(f)
				:: else -> break
				od
			}
			want = 0;
			break
		:: starts < STARTS ->
			starts++;
			if
			:: want = 1
			:: want = 2
			:: want = 3
			:: want = 2; isMove = true
			fi;
			if
			:: pair = 0
			:: pair = 1
			fi;
			break
		:: starts >= STARTS && !fenced[OTHER] -> goto idle
		od;
		if
		:: want == 0 -> goto ready
		:: else
		fi;

#ifdef BREAK_ORDER
		read[0] = label[0];
		read[1] = label[1];
#endif
		/* The claim, and the fate of its answer. */
		isThere = false;
		if
		:: atomic { MAY(h, valid[h], want, pair, isMove) -> claim(h, want, pair, isMove); isThere = true }
		:: atomic { !MAY(h, valid[h], want, pair, isMove) -> skip }
		:: atomic {
			/* Lost: it happens now, or late, or never. */
			!late[h] ->
				late[h] = true;
				lateValid[h] = true;
				lateWant[h] = want;
				latePair[h] = pair;
				lateMove[h] = isMove
		}
			atomic { valid[h] -> newSession(h) }
			atomic { isThere = ON(h, pair) }
		fi;
		if
		:: atomic { !isThere -> want = 0; pair = 0; isMove = false; read[0] = 0; read[1] = 0; goto ready }
		:: else
		fi;

		/* Read what nobody has read, and record it. */
		for (f : 0 .. 1) {
			if
			:: WANTS(f) && state[f] == fresh && by[f] == h ->
#ifndef BREAK_ORDER
				read[f] = label[f];
#endif
				atomic { valid[h] -> original[f] = read[f]; state[f] = held; read[f] = 0 }
			:: else
			fi
		}
		/* Label, and look. */
		for (f : 0 .. 1) {
			if
			:: WANTS(f) -> label[f] = OURS(f, pair)
			:: else
			fi
		}
		atomic {
			runs[h] = true;
			runsWith[h] = pair;
			runsVm[h] = owner[pair];
			assert(!runs[OTHER] || runsWith[OTHER] != pair || runsVm[OTHER] == runsVm[h]);
			if
			:: WANTS(1) -> assert(writer == NOBODY || writer == runsVm[h]); writer = runsVm[h]
			:: else
			fi
		}
		atomic {
			assert(!WANTS(0) || label[0] == OURS(0, pair));
			assert(!WANTS(1) || label[1] == OURS(1, pair))
		}
		/* The process ends, then the holds, then the pair. */
		atomic {
			assert(!WANTS(0) || label[0] == OURS(0, pair));
			assert(!WANTS(1) || label[1] == OURS(1, pair));
			stop(h)
		}
		for (f : 0 .. 1) {
			if
			:: WANTS(f) ->
				atomic { valid[h] -> leave(h, h, f) }
				if
				:: state[f] == restoring && by[f] == h -> restore(f)
				:: else
				fi
			:: else
			fi
		}
		atomic {
			valid[h] ->
				free(h, pair);
				want = 0;
				pair = 0;
				isMove = false;
				goto ready
		}
idle:
end_idle:	atomic { fenced[OTHER] -> goto ready }
	} unless { !power[h] };

	/* Off. It comes back whenever it likes. */
	atomic {
		power[h] = true;
		want = 0;
		pair = 0;
		f = 0;
		isThere = false;
		isMove = false;
		read[0] = 0;
		read[1] = 0;
		goto again
	}
}

/* Power fails, and with it every process. */
proctype Failures() {
end:	do
	:: crashes < CRASHES && power[0] ->
		atomic { crashes++; power[0] = false; stop(0) }
	:: crashes < CRASHES && power[1] ->
		atomic { crashes++; power[1] = false; stop(1) }
	od
}

/* Fences hosts without power, and carries out late claims. */
proctype Network() {
	byte h;
end:	do
	:: atomic { !power[0] && !fenced[0] -> fenced[0] = true; valid[0] = false; lateValid[0] = false }
	:: atomic { !power[1] && !fenced[1] -> fenced[1] = true; valid[1] = false; lateValid[1] = false }
	:: atomic { late[0] -> h = 0; late[h] = false;
		if
		:: MAY(h, lateValid[h], lateWant[h], latePair[h], lateMove[h]) -> claim(h, lateWant[h], latePair[h], lateMove[h])
		:: else
		fi;
		lateValid[h] = false;
		lateWant[h] = 0;
		latePair[h] = 0;
		lateMove[h] = false;
		h = 0 }
	:: atomic { late[1] -> h = 1; late[h] = false;
		if
		:: MAY(h, lateValid[h], lateWant[h], latePair[h], lateMove[h]) -> claim(h, lateWant[h], latePair[h], lateMove[h])
		:: else
		fi;
		lateValid[h] = false;
		lateWant[h] = 0;
		latePair[h] = 0;
		lateMove[h] = false;
		h = 0 }
	od
}

/* True at all times. */
#define LEFT(f) (state[f] == absent && label[f] != ORIGINAL)
#define HOLDERLESS(f) (state[f] == held && !HOLDS(0, f) && !HOLDS(1, f))
#define STRAY(f) (state[f] == absent && (HOLDS(0, f) || HOLDS(1, f)))

proctype Monitor() {
end:	atomic {
		LEFT(0) || LEFT(1) || HOLDERLESS(0) || HOLDERLESS(1) || STRAY(0) || STRAY(1) -> assert(false)
	}
}

init {
	atomic {
		run Host(0);
		run Host(1);
		run Failures();
		run Network();
		run Monitor()
	}
}
