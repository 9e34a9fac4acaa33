package labeler.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import labeler.chain.Chain;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.Relation;
import labeler.chain.Role;
import labeler.explain.Explanation;
import labeler.explain.Reading;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.launch.Allowance;
import labeler.leftover.Leftover;
import labeler.leftover.ScanPage;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileView;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.openfiles.Comparison;
import labeler.openfiles.Drift;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.reference.Provenance;
import labeler.reference.WrittenReference;
import labeler.review.TrustOutcome;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.RewriteResult;

/** One of each value in JSON, with names that are not UTF-8, characters to escape, and members that may be missing. */
final class Samples {
    static final Level LEVEL = Level.parse("s0:c12,c345").orElseThrow();
    static final SecurityContext PROCESS = new SecurityContext("system_u", "system_r", "svirt_t", "s0").at(LEVEL);
    static final SecurityContext IMAGE = new SecurityContext("system_u", "object_r", "svirt_image_t", "s0").at(LEVEL);

    /** A path that is not UTF-8. */
    static final HostPath LATIN = HostPath.of(new byte[] {'/', 'v', 'm', '/', (byte) 0xe4});

    /** Characters that are difficult in JSON, on a terminal and for people. */
    static final HostPath ODD = HostPath.of("/vm/\"ö\"\\\n\u001b[2J");

    static final VmName WEB = new VmName("wéb 1");

    private Samples() {}

    static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static List<Problem> problems() {
        return List.of(
                new Problem(Problem.Kind.NEW_REFERENCE, Optional.of(LATIN), "the rule, and the \"way\" out"),
                new Problem(Problem.Kind.NO_FREE_PAIR, Optional.empty(), "none is free"));
    }

    /** A VM with all possible members. */
    static VmView fullVm() {
        return new VmView(
                WEB,
                VmState.RUNNING,
                Optional.of(new Pid(4711)),
                LEVEL,
                PROCESS,
                IMAGE,
                new LinkedHashSet<>(List.of(Wall.DESCRIPTORS, Wall.SELINUX, Wall.LANDLOCK)),
                Optional.of(Path.of("/run/labeler/vms/web")),
                GuardState.PARTIAL,
                Optional.of(Path.of("/run/labeler/vms/web/qmp.sock")),
                List.of(labelledFile(), plainFile()),
                List.of(new External("nbd://host/\u00e4", "nbd", FileRole.BACKING, "/vm/top.qcow2")),
                problems(),
                List.of(new Problem(Problem.Kind.WALL_INCOMPLETE, Optional.of(ODD), "older kernel")),
                List.of(
                        new Allowance(
                                LATIN,
                                Allowance.Kind.READ_WRITE,
                                Optional.of(new FileIdentity(2049, -1, Optional.empty()))),
                        new Allowance(HostPath.of("/usr"), Allowance.Kind.SYSTEM, Optional.empty())),
                Optional.of(new RewriteResult.Rewritten(
                        List.of("qemu".getBytes(StandardCharsets.US_ASCII), latin("file=/vm/\u00e4")),
                        List.of(
                                new DescriptorSet(1, LATIN, Access.READ_WRITE, true),
                                new DescriptorSet(2, HostPath.of("/vm/log"), Access.WRITE_ONLY, false)))),
                Optional.empty(),
                Optional.empty());
    }

    /** A VM with the required members only. */
    static VmView bareVm() {
        return new VmView(
                new VmName("bare"),
                VmState.PLANNED,
                Optional.empty(),
                LEVEL,
                PROCESS,
                IMAGE,
                Set.of(),
                Optional.empty(),
                GuardState.OFF,
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A VM with a rewritten command line and no descriptors. */
    static VmView rewrittenVm() {
        return new VmView(
                new VmName("rewritten"),
                VmState.STARTING,
                Optional.of(new Pid(Pid.MAXIMUM)),
                LEVEL,
                PROCESS,
                IMAGE,
                Set.of(Wall.LANDLOCK),
                Optional.empty(),
                GuardState.ON,
                Optional.of(Path.of("/run/labeler/vms/rewritten/qmp.sock")),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Optional.of(
                        new RewriteResult.Rewritten(List.of("qemu".getBytes(StandardCharsets.US_ASCII)), List.of())),
                Optional.empty(),
                Optional.empty());
    }

    private static FileView labelledFile() {
        return new FileView(
                LATIN,
                Treatment.LABEL,
                Optional.of(IMAGE),
                Optional.of(StoredLabel.of(new byte[] {1, (byte) 0xff})),
                "a writable disk",
                List.of(
                        new FileUse(new Origin("-drive[0]"), FileRole.FIRMWARE_CONFIGURATION, UseAccess.READ_WRITE),
                        new FileUse(new Origin("header of /vm/top"), FileRole.DATA_FILE, UseAccess.CREATE)),
                Optional.of("data"),
                Optional.of(new FileIdentity(5, Long.MIN_VALUE, Optional.empty())),
                List.of(new OpenMode(Access.READ_ONLY, false), new OpenMode(Access.READ_WRITE, true)),
                Optional.empty(),
                List.of());
    }

    private static FileView plainFile() {
        return new FileView(
                ODD,
                Treatment.LEAVE,
                Optional.empty(),
                Optional.of(StoredLabel.of(IMAGE)),
                "",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                List.of());
    }

    static VmReport report() {
        return new VmReport(
                WEB,
                List.of(
                        new FileReport(LATIN, FileReport.Outcome.REVERTED, ""),
                        new FileReport(HostPath.of("/vm/b"), FileReport.Outcome.STILL_HELD, "db1 holds it"),
                        new FileReport(HostPath.of("/vm/c"), FileReport.Outcome.CHANGED_BY_OTHERS, "as it is"),
                        new FileReport(HostPath.of("/vm/d"), FileReport.Outcome.RELABELLED, "as it is"),
                        new FileReport(HostPath.of("/vm/e"), FileReport.Outcome.WOULD_CHANGE, "as it is"),
                        new FileReport(HostPath.of("/vm/f"), FileReport.Outcome.AS_EXPECTED, "as it is")),
                problems(),
                Optional.of(new Pid(1)));
    }

    static VmReport emptyReport() {
        return new VmReport(new VmName("empty"), List.of(), List.of(), Optional.empty());
    }

    static RecoveryReport recovery() {
        return new RecoveryReport(
                List.of(report(), emptyReport()), List.of(new FileReport(ODD, FileReport.Outcome.LOST, "not there")));
    }

    static Matrix matrix() {
        return new Matrix(
                List.of(
                        new Matrix.Row(WEB, PROCESS, Optional.empty()),
                        new Matrix.Row(new VmName("db1"), IMAGE, Optional.empty())),
                List.of(
                        new Matrix.Column(
                                LATIN,
                                Optional.of(StoredLabel.of(IMAGE)),
                                List.of(WEB, new VmName("db1")),
                                List.of(),
                                Optional.empty()),
                        new Matrix.Column(
                                HostPath.of("/vm/<b>"), Optional.empty(), List.of(), List.of(), Optional.empty())),
                List.of(
                        List.of(Matrix.Reach.DESCRIPTOR, Matrix.Reach.READ_WRITE),
                        List.of(Matrix.Reach.NONE, Matrix.Reach.READ)));
    }

    static ScanPage scanned() {
        return new ScanPage(
                List.of(
                        new Leftover(
                                LATIN, StoredLabel.of(IMAGE), Optional.of(PROCESS), Leftover.Fate.MENDED, "as it is"),
                        new Leftover(
                                ODD,
                                StoredLabel.of(new byte[] {0}),
                                Optional.empty(),
                                Leftover.Fate.FAILED,
                                "read-only")),
                5,
                Optional.of(1L),
                List.of("odd"),
                Optional.of(LATIN));
    }

    static ScanPage lastPage() {
        return new ScanPage(List.of(), 0, Optional.of(0L), List.of(), Optional.empty());
    }

    static TrustOutcome.Trusted trusted() {
        return new TrustOutcome.Trusted(List.of(
                new TrustOutcome.Image(
                        LATIN,
                        ImageFormat.QCOW2,
                        List.of(
                                new TrustOutcome.Named(
                                        new WrittenReference(Role.BACKING, FileName.of(latin("b\u00e4se")), "raw"),
                                        Optional.of(Provenance.FIRST_SIGHT)),
                                new TrustOutcome.Named(
                                        new WrittenReference(Role.DATA_FILE, FileName.of(""), "raw"), Optional.empty()),
                                new TrustOutcome.Named(
                                        new WrittenReference(Role.EXTENT, FileName.of("n\0l"), ""),
                                        Optional.of(Provenance.GUEST)))),
                new TrustOutcome.Image(ODD, ImageFormat.RAW, List.of())));
    }

    static Chain<SampleImage> chain() {
        FileName top = FileName.of("/vm/t\u00f6p");
        FileName base = FileName.of(latin("/vm/b\u00e4se"));
        return new Chain<>(
                List.of(
                        new Chain.Node<>(
                                top,
                                Role.IMAGE,
                                ImageFormat.QCOW2,
                                Chain.FormatSource.DETECTED,
                                Optional.empty(),
                                0,
                                OptionalInt.empty(),
                                Chain.NamedBy.DECLARATION,
                                labeler.chain.Access.READ_WRITE,
                                OptionalLong.of(1L << 40),
                                List.of(),
                                new SampleImage(7)),
                        new Chain.Node<>(
                                base,
                                Role.BACKING,
                                ImageFormat.RAW,
                                Chain.FormatSource.HEADER,
                                Optional.of(Chain.Content.ISO_9660),
                                1,
                                OptionalInt.of(0),
                                Chain.NamedBy.HEADER,
                                labeler.chain.Access.READ_ONLY,
                                OptionalLong.empty(),
                                List.of(),
                                new SampleImage(-8))),
                List.of(new Chain.External(FileName.of("nbd://h/\0"), "nbd", Role.DATA_FILE, base, true)),
                List.of(new Chain.Unfollowed(
                        FileName.of(latin("\u00e4")), Relation.CHANGE_TRACKING, ImageFormat.VMDK, top)),
                List.of(
                        new labeler.chain.Problem(labeler.chain.Problem.Kind.LOOP, base, "a loop"),
                        new labeler.chain.Problem(
                                labeler.chain.Problem.Kind.MISSING, FileName.of("gone"), "gone", Optional.of(top))),
                List.of(new labeler.chain.Problem(labeler.chain.Problem.Kind.AMBIGUOUS, top, "odd")));
    }

    static ChainAnswer chainAnswer() {
        return ChainAnswer.of(
                FileName.of("/vm/t\u00f6p"),
                chain(),
                file -> Optional.of("a label").filter(_ -> file.identity().inode() > 0));
    }

    static Report.Verified compared() {
        return Report.Verified.of(report())
                .with(OpenFiles.of(new Comparison.Compared(List.of(
                        new Drift.NotOpen(LATIN, new OpenMode(Access.READ_ONLY, true)),
                        new Drift.Writable(ODD, 7),
                        new Drift.Foreign(
                                9,
                                HostPath.of("/vm/other"),
                                new FileIdentity(1, 2, Optional.empty()),
                                "VM db1 holds it")))));
    }

    private static StartBody.Source commandLine() {
        return StartBody.Source.commandLine(
                List.of("qemu".getBytes(StandardCharsets.US_ASCII), "-hda /vm/ö".getBytes(StandardCharsets.UTF_8)),
                HostPath.of("/home/ö"));
    }

    static StartBody start() {
        return new StartBody(Optional.empty(), commandLine(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    static StartBody startInBytes() {
        return new StartBody(
                Optional.empty(),
                StartBody.Source.commandLine(
                        List.of("qemu".getBytes(StandardCharsets.US_ASCII), latin("\u00e4")), LATIN),
                Optional.empty(),
                Optional.of(new Pid(4711)),
                Optional.of(StartRequest.Launch.RUN));
    }

    static StartBody plan() {
        return new StartBody(Optional.of(WEB), commandLine(), Optional.of(LEVEL), Optional.empty(), Optional.empty());
    }

    static StartBody domain(byte[] xml) {
        return new StartBody(
                Optional.empty(),
                StartBody.Source.domainXml(xml),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static ExplainAnswer explained() {
        return new ExplainAnswer(
                List.of(
                        new Explanation(
                                Optional.of(Reading.MISSING_LABEL),
                                Optional.of(WEB),
                                Optional.of(LATIN),
                                List.of("One.", "Two."),
                                List.of("Do it."),
                                2),
                        new Explanation(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), 1)),
                0,
                3);
    }
}
