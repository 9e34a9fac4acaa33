package labeler.guard.flow;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;

/**
 * A VM behind its guard. Its disk vd0 is {@code top}, on {@code middle}, on {@code base}: images, and nodes of these
 * names. How qemu gets its files, by labels or by descriptors, is no matter of a flow.
 */
public abstract class FlowBed {
    protected static final long DEVICE_SIZE = 8 << 20;

    private String disk = "top";

    /** What the VM may do with a file. */
    public enum Use {
        NOTHING,
        READING,
        WRITING
    }

    /** A client of the guarded monitor. */
    protected abstract QmpClient client();

    /** A file in the directory of the images. */
    public abstract Path path(String name);

    /** What the VM may do with this file now. */
    protected abstract Use use(String name) throws IOException;

    /** The VM ends properly, and starts again with more options. */
    protected abstract void again(String... options) throws IOException;

    /** Has a file system with room for a few blocks at {@code small}, in the directory of the images. */
    protected abstract void small() throws IOException;

    /** Has a block device of 8 MiB at {@code device}, in the directory of the images. */
    protected abstract void device() throws IOException;

    /** The options of its qemu beside those that each bed gives by itself. */
    protected static List<String> devices() {
        return List.of(
                "virtio-scsi-pci,id=scsi",
                "pcie-root-port,id=gate",
                "VGA",
                "virtio-blk-pci,drive=top,id=vd0",
                "ide-cd,id=cd0");
    }

    /** The nodes of its qemu, each in JSON. */
    protected final List<String> nodes() {
        List<String> nodes = new ArrayList<>();
        String below = "null";
        for (String name : FlowImages.CHAIN) {
            nodes.add("{\"driver\":\"file\",\"node-name\":\"" + name + "-file\",\"filename\":\"" + path(name)
                    + "\",\"auto-read-only\":true}");
            nodes.add("{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":"
                    + below + ",\"read-only\":" + !name.equals("top") + "}");
            below = "\"" + name + "\"";
        }
        return nodes;
    }

    /** What a command returns. */
    final Json done(String name, String arguments) throws IOException {
        return client().done(command(name, arguments));
    }

    private static String command(String name, String arguments) {
        return "{'execute':'" + name + "','arguments':{" + arguments + "}}";
    }

    /** A command that the guard lets pass, and qemu cannot do. */
    final void fails(String name, String arguments) throws IOException {
        JsonObject answer = client().ask(command(name, arguments));
        String why = answer.get("error").orElse(Json.nothing()) instanceof JsonObject error
                ? error.text("desc").orElse("")
                : "";
        assertThat(why).as("%s %s: %s", name, arguments, answer).isNotEmpty().doesNotStartWith("labeler ");
    }

    private String answer(String question) throws IOException {
        return JsonWriter.compact(done(question, ""));
    }

    /** Waits until a job has this status. */
    final void untilJob(String job, String status) throws IOException {
        eventually(job + " is " + status, () -> {
            String jobs = answer("query-jobs");
            assertThat(jobs).contains("\"" + job + "\"");
            return jobs.contains("\"" + status + "\"");
        });
    }

    /** Waits until a job is over and dismissed. */
    final void untilGone(String job) throws IOException {
        eventually(job + " is gone", () -> !answer("query-jobs").contains("\"" + job + "\""));
    }

    /** Waits until a job has ended with an error, and dismisses it. */
    final void untilFailed(String job) throws IOException {
        untilJob(job, "concluded");
        assertThat(answer("query-jobs")).contains("\"error\"");
        done("job-dismiss", "'id':'" + job + "'");
        untilGone(job);
    }

    /** Waits until a job has ended without an error, and dismisses it. */
    final void untilDone(String job) throws IOException {
        untilJob(job, "concluded");
        assertThat(answer("query-jobs")).doesNotContain("\"error\"");
        done("job-dismiss", "'id':'" + job + "'");
        untilGone(job);
    }

    /** Waits for this state of a dump in the background. */
    final void untilDump(String status) throws IOException {
        eventually("a dump that is " + status, () -> answer("query-dump").contains("\"" + status + "\""));
    }

    /** Waits for the end of a migration to or from a file. */
    final void untilMigration(String status) throws IOException {
        eventually(
                "a migration that is " + status, () -> answer("query-migrate").contains("\"" + status + "\""));
    }

    /** Each of these can be written, now or as soon as an event is settled. */
    final void writes(String... names) throws IOException {
        uses(Use.WRITING, names);
    }

    final void reads(String... names) throws IOException {
        uses(Use.READING, names);
    }

    /** Each of these can be read at least: a file that one VM alone may read has the label of those that it writes. */
    final void has(String name) throws IOException {
        eventually(name + " can be read", () -> use(name) != Use.NOTHING);
    }

    /** None of these is the VM's. */
    final void free(String... names) throws IOException {
        uses(Use.NOTHING, names);
    }

    private void uses(Use wanted, String... names) throws IOException {
        for (String name : names) {
            try {
                eventually(name + ": " + wanted, () -> use(name) == wanted);
            } catch (AssertionError e) {
                throw new AssertionError(name + " is for " + use(name), e);
            }
        }
    }

    /** From now on this image is the disk; at the end it has all that the disk had. */
    final void disk(String name) {
        disk = name;
    }

    /** The image that is the disk now. */
    public final String disk() {
        return disk;
    }
}
