import static java.lang.classfile.ClassFile.ACC_PRIVATE;
import static java.lang.classfile.ClassFile.ACC_STATIC;
import static java.lang.classfile.ClassFile.ACC_SYNTHETIC;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Gives the classes of a jar in bytecode what the JVM would otherwise make at run time, at the first call in each place: the
 * choice of a {@code switch} over types (java.lang.runtime.SwitchBootstraps), and {@code equals} and {@code hashCode} of records
 * (java.lang.runtime.ObjectMethods). A class archive can hold no code that is made at run time, so each process makes it anew:
 * a fifth of the time of a short command. Each such call becomes one of a private method that does what the documentation of
 * those classes says.
 *
 * <p>Run by dist.xml: {@code java LinkedCalls.java DIRECTORY JAR…}, with all jars of the class path in the directory.
 */
final class LinkedCalls {
    private static final ClassDesc OBJECTS = ClassDesc.of("java.util.Objects");
    private static final int PRIME = 31;

    private final ClassFile classFile;

    /** @param classes all classes of the program, for the verifier's types of variables */
    private LinkedCalls(ClassLoader classes) {
        classFile = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(classes).orElse(ClassHierarchyResolver.defaultResolver())));
    }

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        List<URL> all = new ArrayList<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(directory, "*.jar")) {
            for (Path jar : jars) {
                all.add(jar.toUri().toURL());
            }
        }
        try (URLClassLoader classes = new URLClassLoader(all.toArray(URL[]::new))) {
            LinkedCalls calls = new LinkedCalls(classes);
            for (int i = 1; i < arguments.length; i++) {
                calls.link(directory.resolve(arguments[i]));
            }
        }
    }

    private void link(Path jar) throws IOException {
        Path linked = jar.resolveSibling(jar.getFileName() + ".linked");
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(linked);
                ZipOutputStream to = new ZipOutputStream(file)) {
            // In their order, which has the manifest first, as its readers expect.
            for (ZipEntry entry : from.stream().toList()) {
                byte[] content;
                try (var in = from.getInputStream(entry)) {
                    content = in.readAllBytes();
                }
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                to.putNextEntry(copy);
                to.write(entry.getName().endsWith(".class") ? linked(content) : content);
                to.closeEntry();
            }
        }
        Files.move(linked, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A method that takes the place of a call. */
    private record Replacement(String name, MethodTypeDesc type, Consumer<CodeBuilder> code) {}

    private byte[] linked(byte[] bytes) {
        ClassModel model = classFile.parse(bytes);
        ClassDesc owner = model.thisClass().asSymbol();
        boolean isInterface = model.flags().has(AccessFlag.INTERFACE);
        List<Replacement> replacements = new ArrayList<>();
        byte[] calling = classFile.transformClass(
                model,
                ClassTransform.transformingMethodBodies((code, element) -> {
                    Optional<Replacement> found = element instanceof InvokeDynamicInstruction call
                            ? replacement(call, replacements.size())
                            : Optional.empty();
                    if (found.isEmpty()) {
                        code.with(element);
                    } else {
                        replacements.add(found.get());
                        code.invokestatic(owner, found.get().name, found.get().type, isInterface);
                    }
                }));
        if (replacements.isEmpty()) {
            return bytes;
        }
        return classFile.transformClass(classFile.parse(calling), ClassTransform.endHandler(builder -> {
            for (Replacement replacement : replacements) {
                builder.withMethodBody(
                        replacement.name,
                        replacement.type,
                        ACC_PRIVATE | ACC_STATIC | ACC_SYNTHETIC,
                        replacement.code);
            }
        }));
    }

    private static Optional<Replacement> replacement(InvokeDynamicInstruction call, int number) {
        DirectMethodHandleDesc bootstrap = call.bootstrapMethod();
        return switch (bootstrap.owner().displayName() + "." + bootstrap.methodName()) {
            case "SwitchBootstraps.typeSwitch" -> choice(call, "choice$" + number);
            case "ObjectMethods.bootstrap" -> recordMethod(call, number);
            default -> Optional.empty();
        };
    }

    /**
     * The index of the first type that the value has, beginning with an index; -1 for null, and the number of types if it has
     * none of them. Labels that are constants stay as they are.
     */
    private static Optional<Replacement> choice(InvokeDynamicInstruction call, String name) {
        List<ConstantDesc> labels = call.bootstrapArgs();
        if (!labels.stream().allMatch(label -> label instanceof ClassDesc type && !type.isPrimitive())) {
            return Optional.empty();
        }
        return Optional.of(new Replacement(name, call.typeSymbol(), code -> {
            Label isThere = code.newLabel();
            code.aload(0).ifnonnull(isThere).iconst_m1().ireturn().labelBinding(isThere);
            for (int i = 0; i < labels.size(); i++) {
                Label next = code.newLabel();
                code.iload(1).loadConstant(i).if_icmpgt(next);
                code.aload(0).instanceOf((ClassDesc) labels.get(i)).ifeq(next);
                code.loadConstant(i).ireturn().labelBinding(next);
            }
            code.loadConstant(labels.size()).ireturn();
        }));
    }

    private static Optional<Replacement> recordMethod(InvokeDynamicInstruction call, int number) {
        ClassDesc owner = (ClassDesc) call.bootstrapArgs().getFirst();
        // The names of the components come first.
        List<DirectMethodHandleDesc> getters = call.bootstrapArgs().stream()
                .skip(2)
                .map(DirectMethodHandleDesc.class::cast)
                .toList();
        String name = call.name().stringValue();
        return switch (name) {
            case "hashCode" ->
                Optional.of(new Replacement(
                        name + "$" + number, call.typeSymbol(), code -> hashCode(code, owner, getters)));
            case "equals" ->
                Optional.of(new Replacement(name + "$" + number, call.typeSymbol(), code -> equals(code, owner, getters)));
            // toString is for messages, and few processes need it.
            default -> Optional.empty();
        };
    }

    private static void hashCode(CodeBuilder code, ClassDesc owner, List<DirectMethodHandleDesc> getters) {
        code.iconst_0();
        for (DirectMethodHandleDesc getter : getters) {
            ClassDesc type = getter.invocationType().returnType();
            code.loadConstant(PRIME).imul().aload(0).getfield(owner, getter.methodName(), type);
            ClassDesc any = type.isPrimitive() ? type : ConstantDescs.CD_Object;
            code.invokestatic(
                            type.isPrimitive() ? box(type) : OBJECTS,
                            "hashCode",
                            MethodTypeDesc.of(ConstantDescs.CD_int, any))
                    .iadd();
        }
        code.ireturn();
    }

    private static void equals(CodeBuilder code, ClassDesc owner, List<DirectMethodHandleDesc> getters) {
        Label isAnother = code.newLabel();
        Label differs = code.newLabel();
        code.aload(0).aload(1).if_acmpne(isAnother).iconst_1().ireturn().labelBinding(isAnother);
        code.aload(1).instanceOf(owner).ifeq(differs);
        for (DirectMethodHandleDesc getter : getters) {
            ClassDesc type = getter.invocationType().returnType();
            code.aload(0).getfield(owner, getter.methodName(), type);
            code.aload(1).checkcast(owner).getfield(owner, getter.methodName(), type);
            if (type.isPrimitive()) {
                // As the documentation of records has it: also NaN is equal to itself.
                code.invokestatic(box(type), "compare", MethodTypeDesc.of(ConstantDescs.CD_int, type, type))
                        .ifne(differs);
            } else {
                code.invokestatic(
                                OBJECTS,
                                "equals",
                                MethodTypeDesc.of(
                                        ConstantDescs.CD_boolean, ConstantDescs.CD_Object, ConstantDescs.CD_Object))
                        .ifeq(differs);
            }
        }
        code.iconst_1().ireturn().labelBinding(differs).iconst_0().ireturn();
    }

    private static ClassDesc box(ClassDesc primitive) {
        String name = primitive.displayName();
        return ClassDesc.of("java.lang."
                + switch (name) {
                    case "int" -> "Integer";
                    case "char" -> "Character";
                    default -> Character.toUpperCase(name.charAt(0)) + name.substring(1);
                });
    }
}
