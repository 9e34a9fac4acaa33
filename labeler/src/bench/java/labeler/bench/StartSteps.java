package labeler.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import labeler.chain.Access;
import labeler.chain.Chain;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.fileset.FileUse;
import labeler.fileset.LinuxImage;
import labeler.fileset.LinuxImageOpener;
import labeler.fileset.VmFile;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.SqliteJournal;
import labeler.journal.VmRecord;
import labeler.linux.Descriptor;
import labeler.linux.FileIdentity;
import labeler.linux.FileStatus;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.plan.HandoverSupport;
import labeler.plan.LabelState;
import labeler.plan.Plan;
import labeler.plan.Planner;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.plan.VmContexts;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Where the time of a start goes: the walk, the plan, the journal, each alone, for 10 disks of 5 files. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class StartSteps {
    private static final int FILES = 50;

    private ChainWalker<LinuxImage> walker;
    private List<ImageRequest> disks;
    private ImageRequest deep;
    private Planner planner;
    private SequencedMap<VmFile, LabelState> files;
    private VmContexts contexts;
    private SqliteJournal journal;
    private VmRecord vm;
    private List<FileRecord> records;

    /** The images are those of the bench that calls this, in the current directory. */
    @Setup
    public void setUp() throws IOException {
        walker = new ChainWalker<>(new LinuxImageOpener(JnaLinux.create().open()), ChainLimits.DEFAULT);
        disks = new ArrayList<>();
        for (int disk = 0; disk < 10; disk++) {
            disks.add(request("measured-" + disk + "-4.qcow2"));
        }
        deep = request("deep-0-199.qcow2");
        contexts = new VmContexts(
                Level.parse("s0:c1,c2").orElseThrow(),
                context("system_u:system_r:svirt_t:s0:c1,c2"),
                context("system_u:object_r:svirt_image_t:s0:c1,c2"),
                context("system_u:object_r:virt_content_t:s0"),
                context("system_u:object_r:svirt_image_t:s0"));
        planner = new Planner();
        files = new LinkedHashMap<>();
        records = new ArrayList<>();
        List<FileHold> holds = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            HostPath path = HostPath.of("/vm/disk-" + i + ".qcow2");
            List<FileUse> uses =
                    List.of(new FileUse(new Origin("-drive[" + i + "]"), FileRole.DISK, UseAccess.READ_WRITE));
            FileIdentity identity = new FileIdentity(1, i, Optional.empty());
            files.put(
                    new VmFile(
                            path, Optional.of(opened(path, identity)), Optional.empty(), uses, false, Optional.empty()),
                    new LabelState.Unlabelled());
            records.add(new FileRecord(
                    i + 1,
                    identity,
                    OptionalLong.empty(),
                    path,
                    path,
                    Optional.empty(),
                    "boot",
                    Optional.empty(),
                    Optional.of(StoredLabel.of(contexts.image())),
                    Set.of(),
                    Sharing.EXCLUSIVE,
                    Optional.empty()));
            holds.add(new FileHold(
                    OptionalLong.of(i + 1),
                    path,
                    Treatment.LABEL,
                    "written by one VM",
                    uses,
                    new HoldTrigger.Start(),
                    List.of(),
                    false));
        }
        vm = new VmRecord(
                new VmName("measured"),
                VmRecord.Phase.STARTING,
                contexts,
                Optional.empty(),
                new VmRecord.Confinement(false, true),
                holds,
                List.of(),
                List.of(),
                new VmRecord.Start("boot", StartedBy.LAUNCHER, Optional.empty()));
        journal = SqliteJournal.open(Files.createTempDirectory(Path.of("").toAbsolutePath(), "jmh-journal"));
    }

    /** A plan asks it for its identity alone. */
    private static OpenedFile opened(HostPath path, FileIdentity identity) {
        Descriptor none = new Descriptor() {
            @Override
            public int number() {
                throw new IllegalStateException("a plan uses no descriptor");
            }

            @Override
            public void close() {}
        };
        FileStatus status = new FileStatus(identity, FileType.REGULAR, 0600, 0, 0, 0, 0, 1);
        return new OpenedFile(path, path, none, status, (_, _, _) -> 0);
    }

    private static ImageRequest request(String name) {
        return ImageRequest.followingHeaders(
                FileName.of(Path.of("").toAbsolutePath() + "/" + name),
                new ImageRequest.Declared(ImageFormat.QCOW2),
                Access.READ_WRITE,
                new ImageRequest.ProcessDirectory(FileName.of("/")));
    }

    private static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    @TearDown
    public void tearDown() throws IOException {
        journal.close();
    }

    /** Opens and parses all files of the VM. */
    @Benchmark
    public int walkTenDisksOfFive() {
        int nodes = 0;
        for (ImageRequest disk : disks) {
            try (Chain<LinuxImage> chain = walker.walk(disk)) {
                nodes += chain.nodes().size();
            }
        }
        return nodes;
    }

    /** Opens and parses a chain of 200. */
    @Benchmark
    public int walkTwoHundred() {
        try (Chain<LinuxImage> chain = walker.walk(deep)) {
            return chain.nodes().size();
        }
    }

    /** Decides about 50 files. */
    @Benchmark
    public Plan plan() {
        return planner.plan(files, contexts, identity -> Optional.empty(), Set.of(), new HandoverSupport.Possible());
    }

    /** The durable record of a start with 50 files, and its end. */
    @Benchmark
    public void journalStartAndEnd() throws IOException {
        journal.recordStart(vm, records);
        journal.recordPhase(vm.name(), VmRecord.Phase.RUNNING);
        journal.recordPhase(vm.name(), VmRecord.Phase.STOPPING);
        journal.recordEnd(
                vm.name(), records.stream().map(file -> file.givenBack("boot")).toList());
    }
}
