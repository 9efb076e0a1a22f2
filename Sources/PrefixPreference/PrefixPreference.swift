// PrefixPreference
