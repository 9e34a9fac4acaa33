package labeler.registry;

/** A host that shares nothing keeps the promises without a network. */
class SingleHostRegistryTest extends RegistryContract {
    private final SingleHostRegistry registry = new SingleHostRegistry(new HostName("alone"));

    @Override
    protected Registry registry() {
        return registry;
    }
}
