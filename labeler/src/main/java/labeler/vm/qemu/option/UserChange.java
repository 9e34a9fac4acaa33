package labeler.vm.qemu.option;

import java.util.List;
import labeler.vm.CommandLine;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Whether qemu gives up root after its start: {@code -run-with user=}, or the older {@code -runas}. */
public final class UserChange {
    private UserChange() {}

    public static boolean isIn(CommandLine commandLine) {
        List<String> arguments = commandLine.argv().stream().map(ByteText::of).toList();
        for (int i = 0; i < arguments.size() - 1; i++) {
            String option = arguments.get(i);
            String name =
                    option.startsWith("--") ? option.substring(2) : option.startsWith("-") ? option.substring(1) : "";
            if (name.equals("runas")
                    || (name.equals("run-with")
                            && Settings.parse(arguments.get(i + 1)).has("user"))) {
                return true;
            }
        }
        return false;
    }
}
