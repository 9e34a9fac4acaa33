package labeler.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import labeler.descriptors.OpenMode;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;
import labeler.json.JsonBytes;
import labeler.json.JsonLists;
import labeler.launch.Allowance;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.FileView;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.Access;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.qemu.handover.DescriptorSet;

/** VMs, their files and what came of them, in the words of the interface. */
public final class VmJson {
    private VmJson() {}

    public static JsonObject vm(VmView vm) {
        return object(vm).build();
    }

    /**
     * The answer to a start.
     *
     * @param descriptorSocket where a launcher fetches what is handed over
     */
    public static JsonObject started(VmView vm, HostPath descriptorSocket) {
        ObjectBuilder object = object(vm);
        if (vm.rewritten().isPresent()) {
            putPath(object, "descriptorSocket", descriptorSocket);
        }
        return object.build();
    }

    /** The answer to an attach: the VM with the disk, and the name by which that is detached again. */
    public static JsonObject attached(VmView vm, String disk) {
        return object(vm).put("disk", disk).build();
    }

    /** What came of a detach. */
    public static JsonObject detached(VmReport report, String disk) {
        return report(report)
                .put("disk", disk)
                .put("reverted", report.count(Outcome.REVERTED))
                .put("kept", report.count(Outcome.STILL_HELD) + report.count(Outcome.CHANGED_BY_OTHERS))
                .build();
    }

    private static ObjectBuilder object(VmView vm) {
        ObjectBuilder object = Json.object()
                .put("vm", vm.name().value())
                .put("state", vm.state().word())
                .put("pid", pid(vm.pid()))
                .put("level", vm.level().toString())
                .put("processContext", vm.processContext().toString())
                .put("imageContext", vm.imageContext().toString())
                .put(
                        "walls",
                        vm.walls().stream()
                                .sorted(Comparator.naturalOrder())
                                .map(Wall::word)
                                .map(Json::of)
                                .toList());
        vm.runtimeDirectory()
                .ifPresentOrElse(
                        directory -> putPath(object, "runtimeDirectory", HostPath.of(directory)),
                        () -> object.put("runtimeDirectory", Json.nothing()));
        object.put("files", vm.files().stream().map(VmJson::file).toList())
                .put("external", vm.external().stream().map(VmJson::external).toList())
                .put("problems", problems(vm.problems()))
                .put("warnings", problems(vm.warnings()));
        if (!vm.allowances().isEmpty()) {
            object.put(
                    "landlock", vm.allowances().stream().map(VmJson::allowance).toList());
        }
        vm.rewritten().ifPresent(rewritten -> {
            JsonBytes.putAll(object, "argv", rewritten.argv());
            object.put("descriptors", rewritten.sets().stream().map(VmJson::set).toList());
        });
        return object;
    }

    private static JsonObject set(DescriptorSet set) {
        ObjectBuilder object = Json.object().put("set", set.number());
        putPath(object, "path", set.path());
        return object.put("access", word(set.access()))
                .put("direct", set.direct())
                .build();
    }

    private static String word(Access access) {
        return switch (access) {
            case READ_ONLY -> "read-only";
            case READ_WRITE -> "read-write";
            case WRITE_ONLY -> "write-only";
        };
    }

    private static Json pid(Optional<Pid> pid) {
        return pid.map(process -> Json.of((long) process.value())).orElseGet(Json::nothing);
    }

    /** What came of a stop: how many labels were given back, and how many stay because they are not ours to take. */
    public static JsonObject stop(VmReport report) {
        return report(report)
                .put("reverted", report.count(Outcome.REVERTED))
                .put("kept", report.count(Outcome.STILL_HELD) + report.count(Outcome.CHANGED_BY_OTHERS))
                .put("stillRunning", pid(report.stillRunning()))
                .build();
    }

    public static JsonObject relabel(VmReport report) {
        return report(report)
                .put("relabelled", report.count(Outcome.RELABELLED))
                .put("wouldChange", report.count(Outcome.WOULD_CHANGE))
                .build();
    }

    public static JsonObject verify(VmReport report) {
        return report(report).put("drift", drift(report)).build();
    }

    /** What was ended by a recovery, and what remains of files that nobody holds. */
    public static JsonLists recover(RecoveryReport report) {
        return JsonLists.of("vms", report.ended().stream().map(VmJson::stop))
                .and("stale", report.stale().stream().map(VmJson::fileReport));
    }

    /** Rows are VMs, columns are files. */
    public static JsonLists matrix(Matrix matrix) {
        return JsonLists.of("vms", matrix.rows().stream().map(VmJson::row))
                .and("files", matrix.columns().stream().map(VmJson::column))
                .and(
                        "access",
                        matrix.cells().stream()
                                .map(row -> Json.array(row.stream()
                                        .map(access -> Json.of(access.word()))
                                        .toList())));
    }

    private static JsonObject row(Matrix.Row row) {
        return Json.object()
                .put("vm", row.name().value())
                .put("processContext", row.process().toString())
                .build();
    }

    private static JsonObject column(Matrix.Column column) {
        ObjectBuilder file = Json.object();
        putPath(file, "path", column.path());
        return file.put("context", Json.ofNullable(column.label().map(StoredLabel::printable)))
                .put(
                        "holders",
                        column.holders().stream()
                                .map(name -> Json.of(name.value()))
                                .toList())
                .build();
    }

    /** How much is not as it should be: files, and what is not about a file. */
    public static long drift(VmReport report) {
        long asExpected = report.count(Outcome.AS_EXPECTED) + report.count(Outcome.STILL_HELD);
        return report.files().size() - asExpected + report.problems().size();
    }

    public static List<Json> problems(List<Problem> problems) {
        return problems.stream().<Json>map(VmJson::problem).toList();
    }

    public static JsonObject problem(Problem problem) {
        ObjectBuilder object = Json.object().put("kind", problem.kind().name());
        problem.file().ifPresentOrElse(file -> putPath(object, "file", file), () -> object.put("file", Json.nothing()));
        return object.put("message", problem.message()).build();
    }

    /** A path as text; one that is not UTF-8 printable, and its bytes in {@code NAMEBase64} beside it. */
    public static void putPath(ObjectBuilder object, String name, HostPath path) {
        JsonBytes.put(object, name, path.bytes(), path.printable());
    }

    private static ObjectBuilder report(VmReport report) {
        return Json.object()
                .put("vm", report.name().value())
                .put("reports", report.files().stream().map(VmJson::fileReport).toList())
                .put("problems", problems(report.problems()));
    }

    private static JsonObject fileReport(FileReport file) {
        ObjectBuilder object = Json.object();
        putPath(object, "path", file.path());
        return object.put("outcome", file.outcome().word())
                .put("message", file.message())
                .build();
    }

    private static JsonObject allowance(Allowance allowance) {
        ObjectBuilder object = Json.object();
        putPath(object, "path", allowance.path());
        object.put("allow", allowance.kind().word());
        allowance
                .identity()
                .ifPresent(identity -> object.put("device", identity.device()).put("inode", identity.inode()));
        return object.build();
    }

    /** The allowances in the answer to a start; empty if they cannot be understood, and then nothing may be run. */
    public static Optional<List<Allowance>> allowances(JsonObject vm) {
        List<Allowance> allowances = new ArrayList<>();
        for (Json element : vm.elements("landlock")) {
            Optional<Allowance> allowance =
                    element instanceof JsonObject object ? readAllowance(object) : Optional.empty();
            if (allowance.isEmpty()) {
                return Optional.empty();
            }
            allowances.add(allowance.get());
        }
        return Optional.of(allowances);
    }

    private static Optional<Allowance> readAllowance(JsonObject object) {
        Optional<HostPath> path = path(object);
        Optional<Allowance.Kind> kind = object.text("allow").flatMap(Allowance.Kind::of);
        if (path.isEmpty() || kind.isEmpty()) {
            return Optional.empty();
        }
        Optional<FileIdentity> identity = object.number("device")
                .flatMap(device ->
                        object.number("inode").map(inode -> new FileIdentity(device, inode, Optional.empty())));
        return Optional.of(new Allowance(path.get(), kind.get(), identity));
    }

    /** The path that {@link #putPath} has put there. */
    static Optional<HostPath> path(JsonObject object) {
        return path(object, "path");
    }

    /** As the other, under any name; empty also where it is not base64. */
    static Optional<HostPath> path(JsonObject object, String name) {
        return JsonBytes.of(object, name).flatMap(HostPath::parse);
    }

    private static JsonObject file(FileView file) {
        ObjectBuilder object = Json.object();
        putPath(object, "path", file.path());
        return object.put("treatment", file.treatment().word())
                .put("context", Json.ofNullable(file.context().map(SecurityContext::toString)))
                .put("originalContext", Json.ofNullable(file.original().map(StoredLabel::printable)))
                .put("reason", file.reason())
                .put("uses", file.uses().stream().map(VmJson::use).toList())
                .put("disk", Json.ofNullable(file.disk()))
                .put("device", number(file.identity().map(FileIdentity::device)))
                .put("inode", number(file.identity().map(FileIdentity::inode)))
                .put("handed", file.handed().stream().map(VmJson::mode).toList())
                .build();
    }

    private static Json number(Optional<Long> number) {
        return number.map(Json::of).orElseGet(Json::nothing);
    }

    private static JsonObject mode(OpenMode mode) {
        return Json.object()
                .put("access", OpenMode.word(mode.access()))
                .put("direct", mode.direct())
                .build();
    }

    private static JsonObject use(FileUse use) {
        return Json.object()
                .put("origin", use.origin().text())
                .put("role", use.role().word())
                .put("access", use.access().word())
                .build();
    }

    private static JsonObject external(External external) {
        return Json.object()
                .put("reference", external.reference())
                .put("protocol", external.protocol())
                .put("role", external.role().word())
                .put("parent", external.parent())
                .build();
    }
}
