package labeler.vm.qemu.option;

import java.util.List;
import labeler.chain.Access;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.ExternalBacking;
import labeler.chain.ImageRequest.HeaderBacking;
import labeler.chain.ImageRequest.HeaderDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;

/** Each use of a definition in one line. */
public final class UseText {
    private UseText() {}

    /** {@code disk rw /vm/a qcow2}, {@code made pid-file /vm/p}, {@code first firmware read-only /vm/x of 2}, …. */
    public static List<String> of(VmDefinition definition) {
        return definition.uses().stream().map(UseText::text).toList();
    }

    private static String text(DeclaredUse use) {
        String role = use.role().word();
        return switch (use) {
            case DeclaredUse.ImageUse image -> role + (image.shareable() ? " shareable " : " ") + image(image.image());
            case DeclaredUse.FileUse file -> role + " " + file.access().word() + " " + file.path();
            case DeclaredUse.OptionalUse file ->
                "perhaps " + role + " " + file.access().word() + " " + file.path();
            case DeclaredUse.DeviceUse device -> role + (device.shareable() ? " shareable " : " ") + device.device();
            case DeclaredUse.TreeUse tree -> role + " " + tree.access().word() + " " + tree.root() + " and all below";
            case DeclaredUse.MadeByQemu made -> "made " + role + " " + made.path();
            case DeclaredUse.SearchedUse searched ->
                "first " + role + " " + searched.access().word() + " "
                        + searched.candidates().getFirst() + " of "
                        + searched.candidates().size();
        };
    }

    static String image(ImageRequest image) {
        String format = switch (image.format()) {
            case ImageRequest.Declared(var declared) -> declared.driver();
            case ImageRequest.Undeclared() -> "undeclared";
            case ImageRequest.Detect() -> "detect";
        };
        String backing = switch (image.backing()) {
            case HeaderBacking() -> "";
            case NoBacking() -> " alone";
            case DeclaredBacking(ImageRequest below) -> " on (" + image(below) + ")";
            case ProbedBacking(ImageRequest below) -> " on found (" + image(below) + ")";
            case ExternalBacking(String reference, String protocol) -> " on external " + protocol + " " + reference;
        };
        String dataFile = switch (image.dataFile()) {
            case HeaderDataFile(var base) -> "";
            case DeclaredDataFile(var name, var _) -> " data " + name;
        };
        return (image.access() == Access.READ_WRITE ? "rw " : "ro ") + image.name() + " " + format + backing + dataFile;
    }
}
