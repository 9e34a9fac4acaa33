package labeler.guard.judge;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Commands that the guard has to refuse, whatever has been before. */
final class SenselessCommands {
    private final RandomGenerator random;
    private final Path images;
    private final Path outside;

    /** @param outside a file without a label, in no VM's directory */
    SenselessCommands(RandomGenerator random, Path images, Path outside) {
        this.random = random;
        this.images = images;
        this.outside = outside;
    }

    /** @param foreign files that another VM writes now */
    Step next(VmBook book, QemuFacts facts, List<Path> foreign) {
        if (!foreign.isEmpty() && random.nextBoolean()) {
            return foreign(book, facts, foreign.get(random.nextInt(foreign.size())));
        }
        String name = book.name("bad");
        return switch (random.nextInt(9)) {
            case 0 -> file(name, images.resolve(book.name("guessed")).toString());
            case 1 -> file(name, outside.toString());
            case 2 -> file(name, "/etc/shadow");
            case 3 -> file(name, "/proc/self/fd/5");
            case 4 -> file(name, images + "/../images/" + book.vm() + "-spare1");
            case 5 ->
                Step.senseless(
                        "blockdev-add",
                        "'driver':'qcow2','node-name':'" + name + "','file':{'driver':'file','filename':'"
                                + images.resolve(book.vm() + "-evil") + "','auto-read-only':true}");
            case 6 ->
                Step.senseless("human-monitor-command", "'command-line':'drive_add 0 file=" + outside + ",if=none'");
            case 7 ->
                Step.senseless(
                        "chardev-add",
                        "'id':'" + name + "','backend':{'type':'file','data':{'out':'" + outside + "'}}");
            default ->
                Step.senseless(
                        "transaction",
                        "'actions':[{'type':'blockdev-snapshot-sync','data':{'node-name':'"
                                + facts.disk().orElse("none") + "','snapshot-file':'" + images.resolve(name)
                                + "','format':'qcow2'}},{'type':'drive-backup','data':{'device':'"
                                + facts.disk().orElse("none") + "','target':'" + outside
                                + "','sync':'full','format':'qcow2'}}]");
        };
    }

    private static Step file(String name, String file) {
        return Step.senseless(
                "blockdev-add",
                "'driver':'file','node-name':'" + name + "','filename':'" + file + "','auto-read-only':true");
    }

    /** The file of another VM. */
    private Step foreign(VmBook book, QemuFacts facts, Path file) {
        String name = book.name("bad");
        Optional<String> disk = facts.disk();
        if (disk.isEmpty()) {
            return file(name, file.toString());
        }
        return switch (random.nextInt(4)) {
            case 0 -> file(name, file.toString());
            case 1 ->
                Step.senseless(
                        "blockdev-snapshot-sync",
                        "'node-name':'" + disk.get() + "','snapshot-file':'" + file
                                + "','format':'qcow2','mode':'existing'");
            case 2 ->
                Step.senseless(
                        "drive-backup",
                        "'device':'" + disk.get() + "','target':'" + file
                                + "','sync':'full','format':'qcow2','mode':'existing'");
            default ->
                Step.senseless(
                        "chardev-add", "'id':'" + name + "','backend':{'type':'file','data':{'out':'" + file + "'}}");
        };
    }
}
