package labeler.linux.fake;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.OptionalLong;
import java.util.Set;
import labeler.linux.FileSystemStatus;
import labeler.linux.HostPath;
import labeler.linux.Mount;
import labeler.linux.Timestamp;

/** A file system in a {@link FakeLinux}, with switches for its features. */
public final class FakeMount {
    /** {@code EXT4_SUPER_MAGIC}. */
    public static final long EXT4 = 0xEF53;
    /** {@code NFS_SUPER_MAGIC}. */
    public static final long NFS = 0x6969;

    private final HostPath mountPoint;
    private final long id;
    private final long parent;
    private final Set<String> superOptions = new LinkedHashSet<>();
    private final Deque<Long> freedInodes = new ArrayDeque<>();
    private final Deque<Runnable> unsynced = new ArrayDeque<>();
    private long device;
    private OptionalLong fileSystem;
    private long nextInode = 2;
    private long births;
    private long birthsOf;
    private boolean attributes = true;
    private boolean refusesLabels;
    private boolean readOnly;
    private boolean full;
    private boolean birthTimes = true;
    private boolean handles = true;
    private boolean squashing;
    private String type = "ext4";
    private long magic = EXT4;

    FakeMount(HostPath mountPoint, long id, long parent, long device) {
        this.mountPoint = mountPoint;
        this.id = id;
        this.parent = parent;
        this.birthsOf = id;
        this.device = device;
        this.fileSystem = OptionalLong.of(0x1000_0000_1000_0000L + id);
        superOptions.add("seclabel");
    }

    /** No extended attributes at all: EOPNOTSUPP, as on ramfs or NFS without labels. */
    public FakeMount withoutAttributes() {
        attributes = false;
        superOptions.remove("seclabel");
        return this;
    }

    /** Attributes can be read but not set (EOPNOTSUPP); or they can be set again. */
    public FakeMount refusingLabels(boolean now) {
        refusesLabels = now;
        return this;
    }

    boolean refusesLabels() {
        return refusesLabels;
    }

    /** Read-only or not: changes fail with EROFS. */
    public FakeMount readOnly(boolean now) {
        readOnly = now;
        return this;
    }

    /** Full or not: changes that need room fail with ENOSPC. */
    public FakeMount full(boolean now) {
        full = now;
        return this;
    }

    /** Whether its files have a birth time; an old NFS has none, and may begin to tell it. */
    public FakeMount birthTimes(boolean now) {
        birthTimes = now;
        return this;
    }

    /** Files have no handles, as on ramfs. */
    public FakeMount withoutHandles() {
        handles = false;
        return this;
    }

    /** Root counts as nobody there, as on an export with root_squash. */
    public FakeMount squashingRoot() {
        squashing = true;
        return this;
    }

    boolean isSquashingRoot() {
        return squashing;
    }

    public FakeMount type(String name, long superMagic) {
        type = name;
        magic = superMagic;
        return this;
    }

    /** Adds an option of the file system, such as {@code context=…}. */
    public FakeMount option(String option) {
        superOptions.add(option);
        return this;
    }

    /** Takes one away: {@code seclabel}, which is there at first. */
    public FakeMount withoutOption(String option) {
        superOptions.remove(option);
        return this;
    }

    /** Another device number, as after a reboot. */
    public FakeMount device(long number) {
        device = number;
        return this;
    }

    /** A copy of this file system: another mount whose files can be confused with those of this one. */
    public FakeMount copyOf(FakeMount original) {
        fileSystem = original.fileSystem;
        birthsOf = original.birthsOf;
        return this;
    }

    /** Only inode and birth time distinguish its files, as on XFS. */
    public FakeMount withoutId() {
        fileSystem = OptionalLong.empty();
        return this;
    }

    long device() {
        return device;
    }

    long id() {
        return id;
    }

    boolean hasAttributes() {
        return attributes;
    }

    boolean hasHandles() {
        return handles;
    }

    boolean isReadOnly() {
        return readOnly;
    }

    boolean isFull() {
        return full;
    }

    /** A number for a new file: that of the file last deleted, if there is one, as ext4 does. */
    long takeInode() {
        Long freed = freedInodes.pollLast();
        return freed == null ? nextInode++ : freed;
    }

    void freeInode(long inode) {
        freedInodes.addLast(inode);
    }

    /** Takes back a number that {@link #freeInode} gave away. */
    void reclaimInode(long inode) {
        freedInodes.remove(inode);
    }

    Timestamp nextBirth() {
        births++;
        return new Timestamp(1_700_000_000 + 1_000_000 * birthsOf + births, 1);
    }

    boolean tellsBirths() {
        return birthTimes;
    }

    /** The number of the file made last. */
    long generation() {
        return births;
    }

    /** Remembers how to undo a change that is only in memory. */
    void remember(Runnable undo) {
        unsynced.push(undo);
    }

    void sync() {
        unsynced.clear();
    }

    void loseUnsynced() {
        while (!unsynced.isEmpty()) {
            unsynced.pop().run();
        }
    }

    FileSystemStatus status() {
        return new FileSystemStatus(magic, fileSystem, 4096, full ? 0 : 1_000_000);
    }

    Mount mount() {
        return new Mount(
                id,
                parent,
                device,
                HostPath.of("/"),
                mountPoint,
                type,
                "/dev/fake" + id,
                Set.of(readOnly ? "ro" : "rw"),
                superOptions);
    }
}
