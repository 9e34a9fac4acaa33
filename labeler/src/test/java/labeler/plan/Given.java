package labeler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.fileset.VmFile;
import labeler.linux.Descriptor;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** Short forms for tests' input to the planner, and for checks of its answer. */
final class Given {
    static final Level LEVEL = level("s0:c1,c2");
    static final Level ANOTHER_LEVEL = level("s0:c3,c4");

    static final SecurityContext IMAGE = context("system_u:object_r:svirt_image_t:s0:c1,c2");
    static final SecurityContext CONTENT = context("system_u:object_r:virt_content_t:s0");
    static final SecurityContext SHARED = context("system_u:object_r:svirt_image_t:s0");
    static final VmContexts CONTEXTS =
            new VmContexts(LEVEL, context("system_u:system_r:svirt_t:s0:c1,c2"), IMAGE, CONTENT, SHARED);

    static final StoredLabel HOME = label("system_u:object_r:user_home_t:s0");
    static final StoredLabel TEMPORARY = label("system_u:object_r:tmp_t:s0");
    /** The image label of a VM at {@link #ANOTHER_LEVEL}. */
    static final StoredLabel IMAGE_OF_ANOTHER = label("system_u:object_r:svirt_image_t:s0:c3,c4");

    /** The number of the device for which each block device of these tests stands. */
    static final long BLOCK_DEVICE = 0x801;

    static final HandoverSupport POSSIBLE = new HandoverSupport.Possible();
    static final HandoverSupport LEFT = new HandoverSupport.Left();
    static final HandoverSupport IMPOSSIBLE = new HandoverSupport.Impossible("start it with labeler run");

    static final FileUse WRITES = use("disk 0", FileRole.DISK, UseAccess.READ_WRITE);
    static final FileUse READS = use("disk 1", FileRole.BACKING, UseAccess.READ_ONLY);
    static final FileUse READS_SECRET = use("object 0", FileRole.SECRET, UseAccess.READ_ONLY);
    static final FileUse MAKES_SOCKET = use("chardev 0", FileRole.SOCKET, UseAccess.CREATE);

    private Given() {}

    static Level level(String text) {
        return Level.parse(text).orElseThrow();
    }

    static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    static StoredLabel label(String text) {
        return StoredLabel.of(context(text));
    }

    static StoredLabel label(SecurityContext context) {
        return StoredLabel.of(context);
    }

    static FileUse use(String origin, FileRole role, UseAccess access) {
        return new FileUse(new Origin(origin), role, access);
    }

    /** A file, and the state of its label. */
    record LabelledFile(VmFile file, LabelState label) {
        HostPath path() {
            return file.path();
        }

        List<FileUse> uses() {
            return file.uses();
        }

        Optional<FileIdentity> identity() {
            return file.identity();
        }

        LabelledFile with(boolean shareable, Optional<String> leaveReason) {
            return new LabelledFile(
                    new VmFile(file.path(), file.file(), file.directory(), file.uses(), shareable, leaveReason), label);
        }
    }

    /** An existing file, labelled {@link #HOME}. */
    static LabelledFile file(String path, FileUse... uses) {
        return file(FileType.REGULAR, path, uses);
    }

    static LabelledFile file(FileType type, String path, FileUse... uses) {
        return new LabelledFile(
                new VmFile(
                        HostPath.of(path),
                        Optional.of(opened(type, HostPath.of(path))),
                        Optional.empty(),
                        List.of(uses),
                        false,
                        Optional.empty()),
                new LabelState.Labelled(HOME));
    }

    private static OpenedFile opened(FileType type, HostPath path) {
        FileIdentity identity = new FileIdentity(1, path.toString().hashCode(), Optional.empty());
        Descriptor none = new Descriptor() {
            @Override
            public int number() {
                throw new IllegalStateException("a plan uses no descriptor");
            }

            @Override
            public void close() {}
        };
        return new OpenedFile(
                path, path, none, new FileStatus(identity, type, 0600, 0, 0, 0, BLOCK_DEVICE, 1), (_, _, _) -> {
                    throw new IllegalStateException("a plan reads no file");
                });
    }

    static LabelledFile labelled(StoredLabel label, LabelledFile file) {
        return in(new LabelState.Labelled(label), file);
    }

    static LabelledFile unlabelled(LabelledFile file) {
        return in(new LabelState.Unlabelled(), file);
    }

    /** The file on a file system that takes no label, and shows none. */
    static LabelledFile unlabelable(LabelState.Cause cause, LabelledFile file) {
        return in(new LabelState.Unavailable(Optional.empty(), "no label can be set", cause), file);
    }

    /** The file on a file system that takes no label, and shows this one. */
    static LabelledFile fixed(StoredLabel label, LabelState.Cause cause, LabelledFile file) {
        return in(new LabelState.Unavailable(Optional.of(label), "no label can be set", cause), file);
    }

    static LabelledFile in(LabelState state, LabelledFile file) {
        return new LabelledFile(file.file(), state);
    }

    static LabelledFile shareable(LabelledFile file) {
        return file.with(true, file.file().leaveReason());
    }

    static LabelledFile leftAs(String reason, LabelledFile file) {
        return file.with(file.file().shareable(), Optional.of(reason));
    }

    /** The file, for which the definition chooses these labels. */
    static LabelledFile choosing(LabelledFile file, SecurityContext... labels) {
        VmFile plain = file.file();
        return new LabelledFile(
                new VmFile(
                        plain.path(),
                        plain.file(),
                        plain.directory(),
                        plain.uses(),
                        plain.shareable(),
                        plain.leaveReason(),
                        Set.of(labels)),
                file.label());
    }

    static LabelledFile yetToBeMade(LabelledFile file) {
        VmFile made = file.file();
        return new LabelledFile(
                new VmFile(
                        made.path(),
                        Optional.empty(),
                        made.directory(),
                        made.uses(),
                        made.shareable(),
                        made.leaveReason()),
                file.label());
    }

    /** The name of a file that is asked for what is around it. */
    record Surrounded(HostPath realPath, boolean isTree) {}

    /**
     * A journal in memory.
     *
     * @param nodes what is held through other nodes, by the number of the block device
     * @param around VMs that have a tree around a file, or a file in a tree
     * @param own what the VM has that is followed; empty if none is
     */
    record Journal(
            Map<FileIdentity, HeldFile> files,
            Map<HostPath, VmName> makers,
            boolean knowsLabels,
            Map<Long, HeldFile> nodes,
            Map<Surrounded, VmName> around,
            Optional<Map<FileIdentity, List<FileUse>>> own)
            implements HeldFiles {
        static final Journal EMPTY = new Journal(Map.of(), Map.of(), true, Map.of(), Map.of(), Optional.empty());

        @Override
        public Optional<HeldFile> find(FileIdentity identity) {
            return Optional.ofNullable(files.get(identity));
        }

        @Override
        public Optional<VmName> maker(HostPath name) {
            return Optional.ofNullable(makers.get(name));
        }

        @Override
        public List<HeldFile> otherNodes(long device, FileIdentity node) {
            return Stream.ofNullable(nodes.get(device)).toList();
        }

        @Override
        public Optional<VmName> around(HostPath realPath, boolean isTree) {
            return Optional.ofNullable(around.get(new Surrounded(realPath, isTree)));
        }

        @Override
        public boolean areOfOneVm() {
            return own.isPresent();
        }

        @Override
        public List<FileUse> own(FileIdentity identity) {
            return own.map(files -> files.getOrDefault(identity, List.of())).orElse(List.of());
        }

        Journal with(LabelledFile file, HeldFile held) {
            Map<FileIdentity, HeldFile> more = new HashMap<>(files);
            more.put(file.identity().orElseThrow(), held);
            return new Journal(more, makers, knowsLabels, nodes, around, own);
        }

        Journal withMaker(LabelledFile file, String vm) {
            return new Journal(files, Map.of(file.path(), new VmName(vm)), knowsLabels, nodes, around, own);
        }

        /** A file that is held through another node of the block device with this number. */
        Journal withNode(long device, HeldFile held) {
            return new Journal(files, makers, knowsLabels, Map.of(device, held), around, own);
        }

        Journal withAround(LabelledFile file, String vm) {
            Surrounded asked = new Surrounded(file.path(), file.file().isTree());
            return new Journal(files, makers, knowsLabels, nodes, Map.of(asked, new VmName(vm)), own);
        }

        /** As one VM is followed that has this file for these uses already. */
        Journal following(LabelledFile file, FileUse... uses) {
            Map<FileIdentity, List<FileUse>> has = Map.of(file.identity().orElseThrow(), List.of(uses));
            return new Journal(files, makers, knowsLabels, nodes, around, Optional.of(has));
        }
    }

    /** A file that these VMs hold at the label of the sharing. It had {@link #HOME} before. */
    static HeldFile held(Sharing sharing, String... vms) {
        StoredLabel ours = sharing == Sharing.EXCLUSIVE ? IMAGE_OF_ANOTHER : label(CONTEXTS.forSharing(sharing));
        return new HeldFile(sharing, Stream.of(vms).map(VmName::new).toList(), Optional.of(HOME), Set.of(ours));
    }

    static HeldFile hadBefore(Optional<StoredLabel> original, HeldFile held) {
        return new HeldFile(held.sharing(), held.holders(), original, held.ours());
    }

    static HeldFile with(StoredLabel ours, HeldFile held) {
        return new HeldFile(held.sharing(), held.holders(), held.original(), Set.of(ours));
    }

    /** The same, which VMs of other hosts hold as well. */
    static HeldFile alsoElsewhere(HeldFile held) {
        return new HeldFile(held.sharing(), held.holders(), held.original(), held.ours(), true);
    }

    static Plan plan(HeldFiles held, LabelledFile... files) {
        return plan(held, POSSIBLE, files);
    }

    static Plan plan(HeldFiles held, HandoverSupport passing, LabelledFile... files) {
        return plan(held, Set.of(), passing, files);
    }

    static Plan plan(HeldFiles held, Set<Level> foreign, HandoverSupport passing, LabelledFile... files) {
        SequencedMap<VmFile, LabelState> labels = new LinkedHashMap<>();
        for (LabelledFile file : files) {
            labels.put(file.file(), file.label());
        }
        return new Planner().plan(labels, CONTEXTS, held, foreign, passing);
    }

    static PlannedFile only(Plan plan) {
        assertThat(plan.files()).hasSize(1);
        return plan.files().getFirst();
    }

    static void assertLabelled(Plan plan, SecurityContext context, Optional<StoredLabel> original) {
        PlannedFile file = only(plan);
        assertThat(plan.problems()).isEmpty();
        assertThat(file.treatment()).isEqualTo(Treatment.LABEL);
        assertThat(file.context()).contains(context);
        assertThat(file.original()).isEqualTo(original);
        assertThat(CONTEXTS.forSharing(file.sharing())).isEqualTo(context);
    }

    static void assertLeft(Plan plan, String reason, Optional<StoredLabel> original) {
        PlannedFile file = only(plan);
        assertThat(plan.problems()).isEmpty();
        assertThat(file.treatment()).isEqualTo(Treatment.LEAVE);
        assertThat(file.context()).isEmpty();
        assertThat(file.original()).isEqualTo(original);
        assertThat(file.reason()).contains(reason);
    }

    static void assertPassed(Plan plan, Optional<StoredLabel> shown) {
        PlannedFile file = only(plan);
        assertThat(plan.problems()).isEmpty();
        assertThat(file.treatment()).isEqualTo(Treatment.PASS);
        assertThat(file.context()).isEmpty();
        assertThat(file.original()).isEqualTo(shown);
        assertThat(file.reason()).contains("handed over");
    }

    /** Checks for a refusal with one problem of this kind, about this very file, with these words in its message. */
    static void assertRefused(Plan plan, Problem.Kind kind, String... words) {
        PlannedFile file = only(plan);
        assertThat(file.treatment()).isEqualTo(Treatment.REFUSE);
        assertThat(file.context()).isEmpty();
        assertThat(plan.problems()).hasSize(1);
        Problem problem = plan.problems().getFirst();
        assertThat(problem.kind()).isEqualTo(kind);
        assertThat(problem.file()).contains(file.file().path());
        assertThat(problem.message()).isEqualTo(file.reason());
        assertThat(words).allSatisfy(word -> assertThat(problem.message()).contains(word));
    }
}
