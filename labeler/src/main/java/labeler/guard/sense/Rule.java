package labeler.guard.sense;

import labeler.problem.Problem;

/**
 * The rules of the guard. A refusal names the rule. N rules are about a name, S rules need the state of the VM, C rules
 * need the command alone.
 */
public enum Rule {
    N1("a name is absolute, without .. and NUL, and leads without symbolic links in directories that others write, to a"
            + " regular file or block device"),
    N2("a name is none of /proc, /sys, /dev/fd or /dev/fdset; a device node only if the VM has it"),
    N3("a name in qemu's older way is a plain path: no protocol, no json:"),
    N4("a file is below one of the VM's roots: the directories of its files at the start, and guard.roots"),
    N5("a file is not the service's, not in a directory of the system (its programs, libraries and settings), not in"
            + " another VM's runtime directory, and no program that the VM would write; a socket is in this VM's own, but"
            + " that of a disk's server may be where its files are"),
    S1("no other VM writes the file, and none reads it where this one is to write"),
    S2("no other VM reads a layer that a command would write"),
    S3("a file that this VM only reads is written by a block job that the guard understands, and by nothing else"),
    S4("every image has an explicit driver or format: nothing is probed"),
    S5("a file keeps the format that it has in this VM, and has one writer there"),
    S6("the names in a header satisfy all rules as if they had been sent; a backing file without a format does not"),
    S7("a node with a backing or data-file key, and an image that comes to lie over another one, has a header that"
            + " names the same file, or none"),
    S8("a name that is written into a header is the file of the node that will be below"),
    S9("base is below top and top below the device; an overlay is in no chain; a target is not in the source's chain"),
    S10("base and each overlay of top can be made writable for a commit; qemu dies at its end otherwise"),
    S11("a descriptor is judged by its file as a name is, and its mode by the use"),
    S12("no command leaves an image whose header names a file that would be refused at the next start"),
    S13("an output is not a file that any VM has for anything else, nor one that begins as an image does"),
    S14("names of labeler- and descriptor sets from 1000000 are not the client's"),
    S15(
            "the VM is running; while drift is unresolved, commands only give back; none has a header written while nodes are"
                    + " inactive"),
    C1("the guard knows the command, each of its arguments with a role, and what it does with each file"),
    C2("no program or script is run"),
    C3("a command of the human monitor is one of a fixed list of info lines"),
    C4("no qom-set but of listed properties, and of a filter over the device's own image; no x-, xen-, qtest or remote"
            + " object"),
    C5("properties of a device that name files are absent, empty, or resolved like names"),
    C6("the guard's own monitor is not named"),
    C7("a transaction is judged as a whole");

    private final String text;

    Rule(String text) {
        this.text = text;
    }

    /** The rule that the problem of a file breaks. */
    public static Rule of(Problem.Kind kind) {
        return switch (kind) {
            case FORMAT_UNSPECIFIED, FORMAT_UNKNOWN, FORMAT_MISMATCH, NEW_REFERENCE, NOT_FROM_HEADER, LOOP -> S6;
            case MALFORMED, TOO_DEEP, TOO_MANY -> S6;
            case MISSING, UNREADABLE, NOT_A_FILE, CHANGED, AMBIGUOUS, NOT_ANSWERING, NO_REGISTRY -> N1;
            case OUTSIDE_ROOTS -> N4;
            case SERVICE_FILE, PROGRAM_FILE -> N5;
            case UNSUPPORTED, NOT_UNDERSTOOD, DEFINITION_MALFORMED -> C1;
            case CONTRADICTION -> S5;
            case IN_USE, LEFTOVER_LABEL -> S1;
            case LABELS_UNAVAILABLE -> S11;
            case NO_WALL, WALL_INCOMPLETE, LEVEL_IN_USE, ALREADY_RUNNING -> S15;
            case STILL_RUNNING, NO_FREE_PAIR, LABEL_NOT_SET, JOURNAL_FAILED, PROCESS_ENDED -> S15;
            case KERNEL_DISAGREES, NOT_DECIDED -> S15;
        };
    }

    /** The advice about a refusal by the rule, where nothing better is known. */
    String wayOut() {
        return switch (this) {
            case N1 -> "name a file that is there in full, or make it first";
            case N2, N3 -> "name the file itself, by a plain path";
            case N4 -> "name a file beside the VM's disks, or add its directory to guard.roots";
            case N5 -> "name a file of the VM, or a socket in its runtime directory";
            case S1 -> "stop the VM that has it, or make an overlay of its own for this one";
            case S2 -> "commit to a layer above it, or stop the other VM first";
            case S3 -> "add the node with \"read-only\": true, or use a block job";
            case S4 -> "give a driver, or a format";
            case S5 -> "use the node that is there, or give its format";
            case S6 -> "look with labeler chain, and correct the header or trust the name with labeler trust";
            case S7, S12 -> "correct the header with qemu-img rebase -u, or make the image anew";
            case S8 -> "leave backing-file out, and qemu writes the right one";
            case S9 -> "look with query-named-block-nodes, and name another node";
            case S10 -> "open that node again with auto-read-only, or remove it";
            case S11 -> "use another command, or give the file to the VM when it starts";
            case S13 -> "name a new file";
            case S14 -> "choose another name";
            case S15 -> "wait and try again";
            case C1 -> "write it in another way, or leave it out";
            case C2 -> "start the program yourself, and hand over a descriptor";
            case C3 -> "use QMP, or allow the line in guard.allow";
            case C4, C5, C6, C7 -> "leave it out";
        };
    }

    /** The rule in words: a command is refused unless this is so. */
    public String text() {
        return text;
    }
}
