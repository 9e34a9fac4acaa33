package labeler.guard.judge;

import java.io.IOException;
import java.util.List;

/**
 * One rule, and commands on either side of it. In each, {@code @} stands for the directory of the images.
 *
 * @param before what has to be there
 * @param broken commands that the rule refuses
 * @param sensible the nearest ones that are allowed, done one after another
 */
record RuleCase(Before before, List<String> broken, List<String> sensible) {
    /** What has to be there. */
    @FunctionalInterface
    interface Before {
        void make(RuleBed bed) throws IOException;
    }

    RuleCase {
        broken = List.copyOf(broken);
        sensible = List.copyOf(sensible);
    }

    /** A case that needs nothing. */
    static RuleCase of(List<String> broken, String... sensible) {
        return new RuleCase(_ -> {}, broken, List.of(sensible));
    }

    /** A command, its arguments in qemu's own JSON. */
    static String command(String name, String arguments) {
        return "{'execute':'" + name + "','arguments':{" + arguments + "}}";
    }

    /** A file node for reading. */
    static String file(String name, String path) {
        return command(
                "blockdev-add",
                "'driver':'file','node-name':'" + name + "','read-only':true,'filename':'" + path + "'");
    }

    static String dump(String path) {
        return command("dump-guest-memory", "'paging':false,'protocol':'file:" + path + "'");
    }

    static String socket(String path) {
        return command(
                "chardev-add",
                "'id':'c','backend':{'type':'socket','data':{'addr':{'type':'unix','data':{'path':'" + path
                        + "'}},'server':true,'wait':false}}");
    }
}
